import { fingerprint, whatChanged } from '../config/fingerprint.ts';
import { buildRules, neededProperties } from '../config/rules.ts';
import type { PortalConfig } from '../config/types.ts';
import { assignRoles } from '../domain/stages.ts';
import type { Role, Rules } from '../domain/types.ts';
import { ConfigurationError, CredentialsError, RejectedError } from '../errors.ts';
import type { Clock, HubSpot, PortalWork, Stage } from '../ports.ts';

/** How long what was learnt of a portal (stages, zone, properties) is believed, ms. */
const FRESH_MS = 10 * 60_000;

/** `portalId` null: HubSpot would not tell it, so there are no links into the portal. */
export interface Account {
  readonly portalId: string | null;
  readonly timeZone: string;
}

/** A portal as it stands: what the configuration makes of HubSpot's answers. */
export interface PortalView {
  readonly config: PortalConfig;
  readonly account: Account;
  readonly stages: readonly Stage[];
  readonly roles: ReadonlyMap<string, Role>;
  readonly rules: Rules;
  readonly fingerprint: string;
}

/** Asks HubSpot for account and stages, and applies the configuration to them. Throws ConfigurationError with all faults at once. */
export async function viewPortal(config: PortalConfig, hubspot: HubSpot): Promise<PortalView> {
  const [account, stages] = await Promise.all([accountOf(config, hubspot), hubspot.portal.stages()]);
  return interpretPortal(config, { account, stages });
}

/** A token may be kept from the account itself. With a zone of our own nothing but links depends on it. */
async function accountOf({ calendar }: PortalConfig, { portal }: HubSpot): Promise<Account> {
  try {
    return await portal.account();
  } catch (error) {
    const scopeIsMissing = error instanceof CredentialsError && error.missingScopes.length > 0;
    const refused = error instanceof RejectedError || scopeIsMissing;
    if (!refused || calendar.timeZone === undefined) throw error;
    return { portalId: null, timeZone: calendar.timeZone };
  }
}

/** Applies the configuration to what HubSpot answered, now or earlier. Throws ConfigurationError with all faults at once. */
export function interpretPortal(
  config: PortalConfig,
  { account, stages }: { readonly account: Account; readonly stages: readonly Stage[] },
): PortalView {
  const { roles, faults } = assignRoles(config.stages, stages);
  if (faults.length > 0) {
    const list = faults.map((fault) => `  - ${fault}`).join('\n');
    throw new ConfigurationError(`portal ${config.name}: the stages do not fit the portal:\n${list}`);
  }
  const rules = buildRules(config, roles, account.timeZone);
  return { config, account, stages, roles, rules, fingerprint: fingerprint(rules, config) };
}

/** What the jobs need of a viewed portal. */
export function toWork(view: PortalView, hubspot: HubSpot): PortalWork {
  const scope = { entryStages: entryStages(view.roles), properties: neededProperties(view.config) };
  return {
    name: view.config.name,
    rules: view.rules,
    fingerprint: view.fingerprint,
    contacts: (calls) => hubspot.contacts(scope, calls),
    changeSince(before) {
      const { changed, needsReading, reasons } = whatChanged(before, view.fingerprint);
      if (!changed) return { needs: 'nothing', reasons: [] };
      return { needs: needsReading ? 'full' : 'recompute', reasons };
    },
  };
}

/** Keeps views for a while, so that a hundred batches do not ask for the stages a hundred times. One question at a time. */
export function cachePerPortal<T>(
  clock: Clock,
  make: (name: string) => Promise<T>,
): (name: string) => Promise<T> {
  const kept = new Map<string, { readonly at: number; readonly value: Promise<T> }>();
  return (name) => {
    const known = kept.get(name);
    if (known !== undefined && clock.now() - known.at < FRESH_MS) return known.value;
    const value = make(name);
    kept.set(name, { at: clock.now(), value });
    value.catch(() => kept.delete(name));
    return value;
  };
}

function entryStages(roles: ReadonlyMap<string, Role>): string[] {
  return [...roles].filter(([, role]) => role === 'mql' || role === 'sql').map(([value]) => value);
}
