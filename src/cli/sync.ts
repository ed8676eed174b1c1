import type { Command } from 'commander';
import { addCalls } from '../../jobs/counts.ts';
import type { JobDeps } from '../../jobs/deps.ts';
import { type SyncResult, syncOnce } from '../app/sync.ts';
import type { App } from '../app.ts';
import { isHandoffError } from '../errors.ts';
import type { Calls, Failure, Run } from '../ports.ts';
import { eachPortal, forPortals, jsonOption, portalOptions, succeeded, withApp } from './command.ts';
import { type CommonOptions, type Io, printJson } from './io.ts';
import { createProgress, duration, type Progress } from './progress.ts';
import { summaryText } from './summary.ts';
import { failedText, table } from './table.ts';

/** Batches worked on side by side for one portal: enough to keep the quota busy at HubSpot's usual delay. */
export const CONCURRENCY = 8;

interface SyncOptions extends CommonOptions {
  readonly full?: boolean;
  readonly rejudge?: boolean;
}

/**
 * What `sync --json` prints for a portal. Each contact counts once: found = written + unchanged + skipped + failed, where
 * `failed` lists every contact kept for retry. After a change of configuration, or with --rejudge, `recomputed` contacts
 * were judged again from what is remembered; `found` are then all remembered ones, and `written` what either step wrote.
 */
export interface SyncDocument {
  readonly portal: string;
  readonly mode: string;
  readonly found: number;
  readonly read: number;
  readonly passes: number;
  readonly written: number;
  readonly unchanged: number;
  readonly cleared: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
  readonly calls: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly resumed: boolean;
  readonly recomputed: number | null;
}

/** `handoff sync`: one complete run. */
export function addSyncCommand(program: Command, io: Io): void {
  jsonOption(
    portalOptions(
      program
        .command('sync')
        .summary('one complete run: read, compute, write back')
        .description(
          'Reads contacts changed since the last run, computes passes and times, and writes what differs back to HubSpot.\n' +
            'The first run reads all of them. A run that was stopped goes on where it was.',
        )
        .option('--full', 'all contacts that ever entered an MQL or SQL stage, not just the changed ones')
        .option('--rejudge', 'judge decided passes anew by the present rules and calendar'),
    ),
  ).action((options: SyncOptions) =>
    withApp(io, options, (app, portals) => syncAll(app, portals, options, io)),
  );
}

/** Syncs the portals one after the other; one that fails does not keep the next from its turn. */
async function syncAll(app: App, portals: readonly string[], options: SyncOptions, io: Io): Promise<void> {
  const { runtime, deps } = await app.startWorkers(CONCURRENCY);
  // The process that runs the engine may be another one, and may stop.
  await Promise.race([syncInTurn(app, portals, options, io, deps), runtime.lost]);
}

async function syncInTurn(
  app: App,
  portals: readonly string[],
  options: SyncOptions,
  io: Io,
  deps: JobDeps,
): Promise<void> {
  const results = await eachPortal(io, portals, (portal) => syncPortal(app, portal, options, io, deps));
  if (options.json === true) printJson(io, forPortals(portals, results));
  if (succeeded(results).some(({ failed }) => failed.length > 0)) io.exit(1);
}

/** Syncs one portal with progress on the terminal; prints the summary unless JSON is asked for. Tells notice targets how it went. */
export async function syncPortal(
  app: App,
  portal: string,
  options: SyncOptions,
  io: Io,
  deps: JobDeps,
): Promise<SyncDocument> {
  const startedAt = app.clock.now();
  const { calls: ownCalls } = await app.hubspot(portal);
  const callsBefore = { ...ownCalls };
  const result = await runShowingProgress(app, portal, options, io, deps);
  const store = await app.store();
  const failures = await store.failures(portal);
  const counts = {
    ...result.counts,
    calls: addCalls(result.counts.calls, since(callsBefore, ownCalls)),
  };
  const document = toDocument(portal, { ...result, counts }, failures, (app.clock.now() - startedAt) / 1_000);
  if (options.json !== true) {
    io.out(syncText(document));
    io.out(await summaryText(store, portal));
  }
  await deps.tellChanges(portal);
  return document;
}

async function runShowingProgress(
  app: App,
  portal: string,
  options: SyncOptions,
  io: Io,
  deps: JobDeps,
): Promise<SyncResult> {
  const startedAt = app.clock.now();
  const progress = createProgress(io, options.json === true);
  try {
    const created = await app.prepare(portal);
    if (created.length > 0) io.err(`${portal}: created ${created.length} properties in HubSpot\n`);
    return await syncOnce(
      {
        portal,
        mode: options.full === true ? 'full' : 'changes',
        rejudge: options.rejudge === true,
        signal: io.signal,
        onProgress: (run) => showRun(progress, run, app.clock.now() - startedAt),
        onRemark: (sentence) => {
          progress.clear();
          io.err(`${portal}: ${sentence}\n`);
        },
      },
      deps,
    );
  } catch (error) {
    if (isHandoffError(error)) await deps.tellFailure(portal, error);
    throw error;
  } finally {
    progress.clear();
  }
}

function since(before: Calls, now: Calls): Calls {
  const kinds = Object.keys(now) as (keyof Calls)[];
  return Object.fromEntries(kinds.map((kind) => [kind, now[kind] - before[kind]])) as Calls;
}

function showRun(progress: Progress, run: Run, elapsedMs: number): void {
  const { found, skipped, read, failed } = run.counts;
  const aside = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  const searching = run.state === 'finding';
  progress.show(
    {
      label: `${run.portal} ${run.mode}`,
      done: Math.min(found, read + aside + failed),
      total: searching && found === 0 ? null : found,
      ...(searching ? { note: 'searching' } : {}),
    },
    elapsedMs,
  );
}

function toDocument(
  portal: string,
  result: SyncResult,
  failures: readonly Failure[],
  seconds: number,
): SyncDocument {
  const { counts } = result;
  return {
    portal,
    mode: result.mode,
    found: counts.found,
    read: counts.read,
    passes: counts.passes,
    written: counts.written,
    unchanged: counts.unchanged,
    cleared: counts.cleared,
    skipped: counts.skipped,
    failed: failures.map(({ id, reason }) => ({ id, reason })),
    calls: counts.calls,
    seconds: Math.round(seconds * 10) / 10,
    resumed: result.resumed,
    recomputed: result.recomputed,
  };
}

function syncText(document: SyncDocument): string {
  const { calls } = document;
  const skipped = Object.entries(document.skipped).map(([reason, count]) => `${count} ${reason}`);
  const aside = Object.values(document.skipped).reduce((sum, count) => sum + count, 0);
  const rows = [
    ['found', String(document.found), ''],
    ['written', String(document.written), document.cleared > 0 ? `of them ${document.cleared} cleared` : ''],
    ['unchanged', String(document.unchanged), ''],
    ['skipped', String(aside), skipped.join(', ')],
    [
      'failed',
      String(document.failed.length),
      document.failed.length > 0 ? 'kept, tried again by the next run' : '',
    ],
  ];
  const made = `${calls.search} searches, ${calls.read} reads, ${calls.write} writes, ${calls.other} other`;
  const rejected = calls.rejected ? `; HubSpot asked to wait ${calls.rejected} times` : '';
  const lines = [
    `\n${document.portal}: ${document.mode} run, ${duration(document.seconds)}\n`,
    table(rows, [1]),
    `\ncalls: ${made}${rejected}`,
  ];
  if (document.failed.length > 0) lines.push('', failedText(document.failed));
  return `${lines.join('\n')}\n`;
}
