/** The agreement that the end-to-end tests run under, and what it makes of a contact, worked out beside the command. */
import { parseConfig } from '../../src/config/load-config.ts';
import { buildRules } from '../../src/config/rules.ts';
import { difference } from '../../src/domain/difference.ts';
import { qualify } from '../../src/domain/facts.ts';
import { assignRoles } from '../../src/domain/stages.ts';
import { type Facts, PROPERTY_NAMES, type Rules } from '../../src/domain/types.ts';
import { historyOf, type SimulatedContact } from '../../src/simulator/contact.ts';
import type { Simulator } from '../../src/simulator/types.ts';

export const AGREEMENT = `
portals:
  main:
    token: \${HUBSPOT_ACCESS_TOKEN}
    calendar: { timeZone: Europe/London, hours: { monday-friday: "09:00-17:30" } }
    sales:
      - { name: hot, when: { hs_analytics_source: [PAID_SEARCH] }, within: 8 business hours }
      - { name: by-wednesday, by: { weekday: wednesday, time: "17:00", cutoff: { weekday: monday, time: "09:00" } } }
    marketing: { quota: 10, window: { weekday: monday, time: "09:00" }, fit: { share: 50%, when: { numemployees: { atLeast: 50 } } } }
    schedule: { poll: every 1 minute }
`;

/** The rules of an agreement on the simulated portal's stages. */
export function rulesOf(simulator: Simulator, agreement = AGREEMENT): Rules {
  const config = parseConfig(agreement, 'agreement', { variable: () => 'pat' });
  const portal = config.portals[0]!;
  const stages = simulator.settings.stages.map((stage, displayOrder) => ({ ...stage, displayOrder }));
  return buildRules(portal, assignRoles(portal.stages, stages).roles, simulator.settings.timeZone);
}

/** What handoff must make of a contact at `now`. */
export function factsOf(contact: SimulatedContact, rules: Rules, now: number): Facts {
  const history = historyOf(contact, 'lifecyclestage');
  const read = {
    ...{ id: contact.id, updatedAt: contact.updatedAt, archived: false, history },
    ...{ truncated: history.length >= 45, properties: contact.values, mergedIds: contact.mergedIds },
  };
  return qualify(read, rules, now, null, { rejudge: false });
}

/** Ids of live contacts that do not carry the values they must, for any reason. */
export function wrongContacts(simulator: Simulator, rules: Rules, now: number): string[] {
  const live = [...simulator.portal.contacts.values()].filter((contact) => contact.archivedAt === null);
  return live
    .filter((contact) => {
      const carried = PROPERTY_NAMES.map((name) => [name, contact.values[`handoff_${name}`] ?? '']);
      const { values } = factsOf(contact, rules, now);
      return Object.keys(difference(values, Object.fromEntries(carried))).length > 0;
    })
    .map((contact) => contact.id);
}

/** The most often that one value was written to one contact. */
export function mostWrites(simulator: Simulator, property: string): number {
  const counts = [...simulator.portal.contacts.values()].map(
    (contact) => contact.changes.filter((change) => change.name === property && change.value !== '').length,
  );
  return Math.max(0, ...counts);
}
