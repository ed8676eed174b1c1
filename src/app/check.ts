import type { App } from '../app.ts';
import { neededProperties } from '../config/rules.ts';
import { difference } from '../domain/difference.ts';
import { qualify } from '../domain/facts.ts';
import { CredentialsError, isHandoffError } from '../errors.ts';
import type { FactStore, PortalWork, PropertyProblem } from '../ports.ts';
import { type Account, type PortalView, toWork } from './portals.ts';

/** Scopes that handoff asks for, with what each is for. */
const SCOPES: Readonly<Record<string, string>> = {
  'crm.objects.contacts.read': 'read contacts and their stage history',
  'crm.objects.contacts.write': 'write the results back',
  'crm.schemas.contacts.read': 'read stages and properties',
  'crm.schemas.contacts.write': "create handoff's own properties (or let an admin create them)",
  'crm.objects.owners.read': 'names of owners in the report',
};

/** What stands in the way, and the exit code it deserves. */
export interface CheckFault {
  readonly message: string;
  readonly exitCode: 1 | 2 | 3;
}

/** The state of one portal, as `check --json` prints it. Parts that could not be asked for are empty or null. */
export interface CheckResult {
  readonly portal: string;
  readonly account: Account | null;
  readonly scopes: readonly string[] | null;
  readonly stages: readonly {
    readonly value: string;
    readonly label: string;
    readonly role: string | null;
  }[];
  /** Stage values without a role that remembered histories hold; null: not known, as before the first sync. */
  readonly unmapped: readonly { readonly value: string; readonly contacts: number }[] | null;
  readonly properties: readonly PropertyProblem[] | null;
  readonly limits: {
    /** `ours`: the part of `max` that the budget leaves to handoff. */
    readonly burst: { readonly max: number; readonly ours: number; readonly windowMs: number };
    readonly day: { readonly limit: number; readonly used: number; readonly resetsAt: string } | null;
  } | null;
  /** What a changed configuration will do; null: nothing has changed, or nothing is remembered yet. */
  readonly change: string | null;
  readonly warnings: readonly string[];
  readonly faults: readonly CheckFault[];
}

/** Looks at one portal and collects every fault instead of stopping at the first. */
export async function checkPortal(app: App, portal: string): Promise<CheckResult> {
  const faults: CheckFault[] = [];
  const warnings: string[] = [];
  async function attempt<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!isHandoffError(error)) throw error;
      if (!faults.some((fault) => fault.message === error.message)) {
        faults.push({ message: error.message, exitCode: error.exitCode });
      }
      return otherwise;
    }
  }
  const hubspot = await attempt(() => app.hubspot(portal), null);
  const view = hubspot === null ? null : await attempt(() => app.view(portal), null);
  const scopes = hubspot === null ? null : await attempt(() => hubspot.portal.scopes(), null);
  if (scopes !== null) judgeScopes(scopes, faults, warnings);
  if (hubspot === null || view === null) {
    const nothing = {
      account: null,
      stages: [],
      unmapped: null,
      properties: null,
      limits: null,
      change: null,
    };
    return { portal, ...nothing, scopes, warnings, faults };
  }
  const properties = await attempt(() => hubspot.portal.inspectProperties(), null);
  for (const one of properties ?? []) {
    if (one.problem !== 'wrong_type') continue;
    const message = `property ${one.name} exists as ${one.found}; it must be ${one.wanted}. Rename or delete it in HubSpot, or choose another write.prefix`;
    faults.push({ message, exitCode: 2 });
  }
  const unknown = await attempt(() => hubspot.portal.unknownProperties(neededProperties(view.config)), []);
  for (const name of unknown)
    warnings.push(`the portal has no property ${name}, which the configuration names`);
  const store = await app.store();
  const remembered = await surveyStore(store, view, app.clock.now());
  return {
    portal,
    account: view.account,
    scopes,
    stages: view.stages.map(({ value, label }) => ({ value, label, role: view.roles.get(value) ?? null })),
    unmapped: (await store.portal(portal)).cursor === null ? null : remembered.unmapped,
    properties,
    limits: await attempt(() => readLimits(app, portal), null),
    change: await describeChange(store, toWork(view, hubspot), remembered),
    warnings,
    faults,
  };
}

function judgeScopes(scopes: readonly string[], faults: CheckFault[], warnings: string[]): void {
  for (const [scope, purpose] of Object.entries(SCOPES)) {
    if (scopes.includes(scope)) continue;
    const needed = scope.startsWith('crm.objects.contacts.');
    const message = `the token lacks the scope ${scope}: ${purpose}`;
    if (needed) faults.push({ message: new CredentialsError(message).message, exitCode: 2 });
    else warnings.push(message);
  }
}

async function readLimits(app: App, portal: string): Promise<CheckResult['limits']> {
  const gate = await app.gate();
  const { ofBurst } = app.portalConfig(portal).budget;
  const [{ burst }, day] = await Promise.all([
    gate.state(portal),
    (await app.hubspot(portal)).portal.dailyUse(),
  ]);
  return {
    burst: { max: burst.max, ours: Math.floor(burst.max * ofBurst), windowMs: burst.windowMs },
    day: day === null ? null : { ...day, resetsAt: new Date(day.resetsAt).toISOString() },
  };
}

interface Survey {
  readonly contacts: number;
  readonly changing: number;
  readonly unmapped: NonNullable<CheckResult['unmapped']>;
}

/** One walk over what is remembered: values without a role, and contacts whose values the present rules would change. */
async function surveyStore(store: FactStore, view: PortalView, now: number): Promise<Survey> {
  const counts = new Map<string, number>();
  let contacts = 0;
  let changing = 0;
  for await (const one of store.storedContacts(view.config.name)) {
    contacts += 1;
    const values = new Set(one.contact.history.map((entry) => entry.value));
    for (const value of values) {
      if (value !== '' && !view.roles.has(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const facts = qualify(one.contact, view.rules, now, one, { rejudge: false });
    if (Object.keys(difference(facts.values, one.values)).length > 0) changing += 1;
  }
  const unmapped = [...counts].map(([value, count]) => ({ value, contacts: count }));
  return { contacts, changing, unmapped: unmapped.toSorted((a, b) => b.contacts - a.contacts) };
}

async function describeChange(store: FactStore, work: PortalWork, survey: Survey): Promise<string | null> {
  const { fingerprint } = await store.portal(work.name);
  if (fingerprint === null) return null;
  const { needs, reasons } = work.changeSince(fingerprint);
  if (needs === 'nothing') return null;
  const how =
    needs === 'full'
      ? 'the next sync reads all contacts again'
      : 'the next sync recomputes from what is remembered';
  return `${reasons.join(', ')} changed: ${survey.changing} of ${survey.contacts} remembered contacts get other values; ${how}`;
}
