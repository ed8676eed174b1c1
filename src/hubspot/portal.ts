/** The portal itself: account, stages, scopes, daily use, owners. */
import { CredentialsError, RejectedError, UnavailableError } from '../errors.ts';
import type { Portal, Stage } from '../ports.ts';
import { ensureProperties, inspectProperties, listProperties, type PropertyOptions } from './properties.ts';
import { AccountObject, instantOf, OwnersPage, PropertyObject, TokenAnswer, UsageAnswer } from './schema.ts';

const OWNERS_PAGE = 500;

/** The `Portal` port over HTTP. `token` is asked about, never shown. */
export function createPortal(options: PropertyOptions & { readonly token: string }): Portal {
  const { http, paths, calls, portal, token } = options;
  const other = { kind: 'other', lane: 'live', calls } as const;
  return {
    account: () => http.call({ method: 'GET', path: paths.account, ...other, schema: AccountObject }),
    async stages() {
      const property = await http.call({
        ...{ method: 'GET', path: paths.property('lifecyclestage'), ...other },
        schema: PropertyObject,
      });
      if (property.options.length === 0)
        throw new UnavailableError(`portal ${portal}: HubSpot told no lifecycle stages`);
      return inOrder(
        property.options.map(({ value, label, displayOrder }) => ({ value, label, displayOrder })),
      );
    },
    inspectProperties: () => inspectProperties(options),
    ensureProperties: () => ensureProperties(options),
    async unknownProperties(names) {
      const known = new Set((await listProperties(options)).map(({ name }) => name));
      return names.filter((name) => !known.has(name));
    },
    scopes: () =>
      orNull(async () => {
        const body = { tokenKey: token };
        const call = { method: 'POST', path: paths.tokenInfo, body, ...other, schema: TokenAnswer } as const;
        return (await http.call(call)).scopes;
      }),
    dailyUse: () =>
      orNull(async () => {
        const { results } = await http.call({
          method: 'GET',
          path: paths.dailyUsage,
          ...other,
          schema: UsageAnswer,
        });
        const [usage] = results;
        const resetsAt = instantOf(usage?.resetsAt);
        if (usage === undefined || resetsAt === null) return null;
        const { usageLimit: max, currentUsage: used } = usage;
        await http.learnDay({ max, remaining: Math.max(0, max - used), resetsAt });
        return { limit: max, used, resetsAt };
      }),
    async owners() {
      const found = new Map<string, { name: string; team: string | null }>();
      for (const archived of ['true', 'false']) {
        let after: string | null = null;
        do {
          const query: Record<string, string> = {
            limit: String(OWNERS_PAGE),
            archived,
            ...(after === null ? {} : { after }),
          };
          const page = await http.call({
            method: 'GET',
            path: paths.owners,
            query,
            ...other,
            schema: OwnersPage,
          });
          for (const { id, firstName, lastName, teams } of page.results) {
            const name = [firstName, lastName].filter(Boolean).join(' ') || id;
            const team = teams?.find(({ primary }) => primary) ?? teams?.[0];
            found.set(id, { name, team: team?.name ?? null });
          }
          const next: string | null = page.paging?.next?.after ?? null;
          after = next === after ? null : next;
        } while (after !== null);
      }
      return found;
    },
  };
}

/** Lowest first; HubSpot shows options with -1 behind all others. */
function inOrder(stages: readonly Stage[]): readonly Stage[] {
  const place = ({ displayOrder }: Stage) => (displayOrder < 0 ? Number.MAX_SAFE_INTEGER : displayOrder);
  return stages.toSorted((a, b) => place(a) - place(b));
}

/** Not every kind of token can ask this; what cannot be asked is not known. A token that is refused altogether shows elsewhere. */
async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RejectedError || error instanceof CredentialsError) return null;
    throw error;
  }
}
