import { z } from 'zod';
import type { JobDefinition } from '../src/queue/contract.ts';
import { inBatches } from './counts.ts';
import type { JobDeps } from './deps.ts';

const Payload = z.strictObject({ portal: z.string() });
type Payload = z.infer<typeof Payload>;

/** Due contacts taken up in one round; what is left comes in the next minute. */
const ROUND = 100_000;
/** What was queued and is due still after this long (ms) is queued again: the queue was lost, or HubSpot away. */
const AGAIN_MS = 10 * 60_000;

/** Under this name the store remembers the last contact queued. */
const QUEUED = 'deadlines queued';

/** Longest that changes are held back, ms. */
const HELD_BACK_MS = 5 * 60_000;
/** Under this name the store remembers since when they are (ms, as text). */
const HELD_BACK = 'changes held back';

/** Every due contact up to this one, in the store's order, was queued since `since` (ms). */
const Mark = z.object({ changesAt: z.number(), id: z.string(), since: z.number() });
type Mark = z.infer<typeof Mark>;

/**
 * Every minute: contacts whose facts change by the passing of time (a deadline, a clear that now holds) → ids for
 * `qualify-contacts`, which reads them first: a contact decided a minute ago is not marked overdue. A round takes up
 * where the one before it ended, whatever has become of the contacts since, so that a burst is queued once.
 */
export const watchDeadlines: JobDefinition<Payload, JobDeps> = {
  name: 'watch-deadlines',
  payload: Payload,
  retry: { attempts: 2, backoffMs: 5_000 },
  async handle({ portal }, deps) {
    const now = deps.clock.now();
    const due = await deps.store.due(portal, now, ROUND);
    await queueNew(portal, due, now, deps);
    // While a burst is worked on, who is overdue is not known yet; contacts that cannot be worked on hold nothing up.
    const quiet = due.every((one) => one.changesAt < now - AGAIN_MS);
    await tell(portal, quiet, now, deps);
  },
};

/** Tells changes in a quiet minute, so that what became overdue together is one digest; a busy portal waits no longer than `HELD_BACK_MS`. */
async function tell(portal: string, quiet: boolean, now: number, deps: JobDeps): Promise<void> {
  const { store } = deps;
  const since = await store.getState(portal, HELD_BACK);
  if (!quiet && (since === null || now - Number(since) < HELD_BACK_MS)) {
    if (since === null) await store.setState(portal, HELD_BACK, String(now));
    return;
  }
  await deps.tellChanges(portal);
  if (!quiet) await store.setState(portal, HELD_BACK, String(now));
  else if (since !== null) await store.setState(portal, HELD_BACK, null);
}

async function queueNew(
  portal: string,
  due: readonly { readonly id: string; readonly changesAt: number }[],
  now: number,
  { store, enqueue }: JobDeps,
): Promise<void> {
  const mark = readMark(await store.getState(portal, QUEUED), now);
  const news = mark === null ? due : due.filter((one) => isBehind(one, mark));
  const last = news.at(-1);
  if (last === undefined) return;
  for (const batch of inBatches(news)) {
    const first = batch[0]!;
    const work = { ids: batch.map((one) => one.id) };
    const options = { id: `${portal}.due.${first.changesAt}.${first.id}`, priority: 'deadline' } as const;
    await enqueue('qualify-contacts', { portal, work }, options);
  }
  const next: Mark = { ...last, since: mark?.since ?? now };
  await store.setState(portal, QUEUED, JSON.stringify(next));
}

function readMark(text: string | null, now: number): Mark | null {
  if (text === null) return null;
  const mark = Mark.parse(JSON.parse(text));
  return now - mark.since < AGAIN_MS ? mark : null;
}

function isBehind(one: { readonly id: string; readonly changesAt: number }, mark: Mark): boolean {
  if (one.changesAt !== mark.changesAt) return one.changesAt > mark.changesAt;
  return BigInt(one.id) > BigInt(mark.id);
}
