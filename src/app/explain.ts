import { noCalls } from '../../jobs/counts.ts';
import { lookAtContacts } from '../../jobs/work-on-contacts.ts';
import type { App } from '../app.ts';
import { type Explanation, explain } from '../domain/explanation.ts';
import type { PropertyName } from '../domain/types.ts';
import { ConfigurationError, UnavailableError } from '../errors.ts';
import { toWork } from './portals.ts';

/** How one contact's values came about, beside what it carries now. Names are those in HubSpot. */
export interface ExplainedContact extends Omit<Explanation, 'values'> {
  readonly portal: string;
  /** The contact asked for was merged into this one. */
  readonly mergedFrom: string | null;
  readonly truncated: boolean;
  readonly values: readonly {
    readonly name: string;
    readonly value: string;
    /** What the contact carries in HubSpot at this moment. */
    readonly inHubSpot: string;
    readonly differs: boolean;
    readonly origin: string;
  }[];
}

/** Reads one contact and explains it. Writes nothing to HubSpot. Throws ConfigurationError for an id that leads nowhere. */
export async function explainContact(
  app: App,
  portal: string,
  id: string,
  signal: AbortSignal,
): Promise<ExplainedContact> {
  if (!/^\d+$/.test(id)) {
    throw new ConfigurationError(
      `${id} is no contact id: it is the number at the end of the contact's address in HubSpot`,
    );
  }
  const view = await app.view(portal);
  const { source, writer } = toWork(view, await app.hubspot(portal)).contacts(noCalls());
  const [store, now, { rules }] = [await app.store(), app.clock.now(), view];
  const context = {
    portal,
    rules,
    source,
    writer,
    store,
    lane: 'live',
    now,
    rejudge: false,
    signal,
  } as const;
  const looked = await lookAtContacts([id], context);
  const [one] = looked.worked;
  if (one === undefined) {
    const [failed] = looked.failed;
    if (failed !== undefined)
      throw new UnavailableError(`portal ${portal}: contact ${id}: ${failed.reason}; try again later`);
    const why =
      looked.archived.length > 0 ? 'is archived (deleted, restorable for 90 days)' : 'does not exist';
    throw new ConfigurationError(`portal ${portal}: contact ${id} ${why}; there is nothing to explain`);
  }
  const { values, ...explanation } = explain(one.contact, rules, now, one.facts);
  const valueInHubSpot = (name: PropertyName) => one.current[name] ?? '';
  return {
    portal,
    mergedFrom: one.contact.id === id ? null : id,
    truncated: one.contact.truncated,
    ...explanation,
    values: values.map(({ name, value, origin }) => ({
      name: view.config.write.prefix + name,
      value,
      inHubSpot: valueInHubSpot(name),
      differs: name in one.difference,
      origin,
    })),
  };
}
