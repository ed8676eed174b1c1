/** The scorecard from the store, in every format. HubSpot is asked for nothing but the names of owners. */
import type { App } from '../app.ts';
import { loadConfig } from '../config/load-config.ts';
import { neededProperties } from '../config/rules.ts';
import type { PortalConfig } from '../config/types.ts';
import type { Scorecard } from '../domain/scorecard/document.ts';
import type { ContactCounts } from '../domain/scorecard/scorecard.ts';
import { ConfigurationError, isHandoffError } from '../errors.ts';
import type { FactStore } from '../ports.ts';
import type { ReportContext } from '../report/context.ts';
import { renderCsv } from '../report/csv.ts';
import { renderJson } from '../report/json.ts';
import { buildScorecard, countContacts, groupProperty } from '../report/scorecard.ts';
import { renderText } from '../report/text.ts';
import { buildWhatIf } from '../report/what-if.ts';
import { renderWhatIfJson, renderWhatIfText } from '../report/what-if-text.ts';
import { type AsOf, asOfCounts, contactsAsOf, instantOf, overdueAsOf, passesOf } from './as-of.ts';
import { interpretPortal, type PortalView } from './portals.ts';

/** The forms that a scorecard can be printed in. */
export const REPORT_FORMATS = ['text', 'json', 'csv', 'html'] as const;
/** One of `REPORT_FORMATS`. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** What is asked of a report. `weeks` counts back from the week of `asOf`. */
export interface ReportRequest {
  readonly portal: string;
  readonly format: ReportFormat;
  /** Null: now. Earlier ones are judged anew from the remembered histories. */
  readonly asOf: AsOf | null;
  readonly weeks: number;
  /** A property, or `owner` or `source`; null: no grouping. */
  readonly by: string | null;
  readonly color: boolean;
  /** Something a person should know that is no reason to stop. */
  onRemark?(sentence: string): void;
}

const NOBODY: ReportContext['owners'] = new Map();

/** The report as one text. Throws ConfigurationError where nothing is remembered yet or the grouping is unknown. */
export async function makeReport(app: App, request: ReportRequest): Promise<string> {
  const scorecard = await scorecardOf(app, request);
  if (request.format === 'json') return renderJson(scorecard);
  const context = await contextOf(app, request);
  if (request.format === 'text') return renderText(scorecard, context, request);
  // Only when needed: the charts' library takes a while to load.
  const { renderHtml } = await import('../report/html.ts');
  return renderHtml(scorecard, context);
}

/** The passes, one per row, in parts. */
export async function* csvRows(app: App, request: ReportRequest): AsyncGenerator<string> {
  const { view, asOf } = await viewFor(app, request);
  const store = await app.store();
  const rows =
    request.asOf === null ? store.passRows(request.portal) : passesOf(contactsAsOf(store, view, asOf));
  yield* renderCsv(rows, {
    portalId: view.account.portalId,
    asOf,
    properties: neededProperties(view.config),
  });
}

/** The scorecard document. */
export async function scorecardOf(
  app: App,
  request: Omit<ReportRequest, 'format' | 'color'>,
): Promise<Scorecard> {
  const { portal, weeks, by } = request;
  const { view, asOf } = await viewFor(app, request);
  const store = await app.store();
  const input = { portal, asOf, weeks, rules: view.rules, ...(by === null ? {} : { by }) };
  if (request.asOf !== null) {
    const counts = asOfCounts(by);
    const rows = passesOf(counts.counting(contactsAsOf(store, view, asOf)));
    // The counts are complete once the rows have been read, which building does before it looks at them.
    return buildScorecard(rows, { ...input, counts: counts.all, countsByGroup: counts.byGroup });
  }
  const counts = await store.contactCounts(portal);
  const byGroup = await groupCounts(store, portal, by);
  const rows = store.passRows(portal);
  return buildScorecard(rows, { ...input, counts, ...(byGroup === null ? {} : { countsByGroup: byGroup }) });
}

/** The same passes by the rules of another configuration, beside today's. Throws ConfigurationError when it has none for the portal. */
export async function whatIf(app: App, request: ReportRequest, file: string): Promise<string> {
  const config = proposedConfig(app, request, file);
  const { view, asOf } = await viewFor(app, request);
  const store = await app.store();
  const proposed = interpretPortal(config, view);
  const missing = neededProperties(config).filter((name) => !neededProperties(view.config).includes(name));
  if (missing.length > 0) {
    request.onRemark?.(
      `Not remembered, so blank in this comparison: ${missing.join(', ')}. Run sync with these rules to read them.`,
    );
  }
  const rows = (one: PortalView) => passesOf(contactsAsOf(store, one, asOf, { forget: true }));
  const compared = await buildWhatIf(
    { today: rows(view), proposed: rows(proposed) },
    {
      portal: request.portal,
      asOf,
      weeks: request.weeks,
      rules: { today: view.rules, proposed: proposed.rules },
    },
  );
  return request.format === 'json' ? renderWhatIfJson(compared) : renderWhatIfText(compared, request);
}

/** The portal of that name in the other file, or its only one, which is then said. */
function proposedConfig(app: App, { portal, onRemark }: ReportRequest, file: string): PortalConfig {
  const { portals } = loadConfig(file, app.environment, '--what-if');
  const same = portals.find(({ name }) => name === portal);
  if (same !== undefined) return same;
  const [only, ...others] = portals;
  if (only === undefined || others.length > 0) {
    const names = portals.map(({ name }) => name).join(', ');
    throw new ConfigurationError(
      `--what-if ${file}: has no portal ${portal}; it names ${names}. Rename the one that is meant.`,
    );
  }
  onRemark?.(`${file} has no portal ${portal}: the rules of ${only.name}, its only one, are taken instead`);
  return only;
}

async function contextOf(app: App, request: ReportRequest): Promise<ReportContext> {
  const { view, asOf } = await viewFor(app, request);
  const store = await app.store();
  const overdue =
    request.asOf === null ? await store.overdue(request.portal, asOf) : await overdueAsOf(store, view, asOf);
  return { portalId: view.account.portalId, owners: await ownersFor(app, request), overdue };
}

/** Names are asked for, not kept: the store holds none. */
async function ownersFor(app: App, request: ReportRequest): Promise<ReportContext['owners']> {
  if (request.by === null || groupProperty(request.by) !== 'hubspot_owner_id') return NOBODY;
  try {
    return await (await app.hubspot(request.portal)).portal.owners();
  } catch (error) {
    if (!isHandoffError(error)) throw error;
    request.onRemark?.(`Owners are shown by id: ${error.message}`);
    return NOBODY;
  }
}

async function viewFor(
  app: App,
  request: Pick<ReportRequest, 'portal' | 'by' | 'asOf'>,
): Promise<{ readonly view: PortalView; readonly asOf: number }> {
  const { portal, by } = request;
  const view = await app.rememberedView(portal);
  const { cursor } = await (await app.store()).portal(portal);
  if (view === null || cursor === null) {
    throw new ConfigurationError(`portal ${portal}: no sync has been completed yet; run handoff sync first`);
  }
  if (by !== null) {
    const known = neededProperties(view.config);
    if (!known.includes(groupProperty(by))) {
      throw new ConfigurationError(
        `--by ${by}: handoff remembers only owner, source and properties the configuration names: ${known.join(', ')}`,
      );
    }
  }
  const now = app.clock.now();
  return { view, asOf: instantOf(request.asOf ?? now, view.rules.calendar.timeZone, now) };
}

async function groupCounts(
  store: FactStore,
  portal: string,
  by: string | null,
): Promise<ReadonlyMap<string, ContactCounts> | null> {
  return by === null ? null : countContacts(store.storedContacts(portal), by);
}
