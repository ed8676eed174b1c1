/** Contacts per second and core through the pure core, and bytes held per contact. */
import { difference } from '../../src/domain/difference.ts';
import { qualify } from '../../src/domain/facts.ts';
import type { Contact, Role, Rules } from '../../src/domain/types.ts';
import { type BenchLine, count, gc, type Scale, seconds } from './measure.ts';

const CONTACTS = 200_000;
const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-24T12:00:00Z');

const ROLES: readonly (readonly [string, Role])[] = [
  ['lead', 'before'],
  ['marketingqualifiedlead', 'mql'],
  ['salesqualifiedlead', 'sql'],
  ['opportunity', 'after'],
];

const OFFICE_HOURS = [{ open: 540, close: 1_050 }];

const RULES: Rules = {
  roles: new Map(ROLES),
  clearGraceMs: HOUR,
  calendar: {
    timeZone: 'Europe/London',
    week: [OFFICE_HOURS, OFFICE_HOURS, OFFICE_HOURS, OFFICE_HOURS, OFFICE_HOURS, [], []],
    holidays: ['2026-01-01', '2026-12-25'],
  },
  sales: [
    {
      name: 'by-wednesday',
      version: 'v',
      when: {},
      target: { by: { weekday: 3, minute: 1_020 }, cutoff: { weekday: 1, minute: 540 }, onHoliday: 'next' },
      stopsOn: 'decision',
      dueSoon: { ms: 4 * HOUR, business: false },
    },
  ],
  promise: 'p',
};

/** A history of six entries: two passes, the first recycled by clear-then-set, spread over half a year. */
function contactOf(index: number): Contact {
  const start = NOW - 180 * 24 * HOUR + ((index * 7_919) % 4_000) * HOUR;
  const at = [0, 30, 100, 100.2, 400, 470].map((hours) => start + hours * HOUR + (index % 3_600) * 1_000);
  const values = [
    'lead',
    'marketingqualifiedlead',
    '',
    'lead',
    'marketingqualifiedlead',
    'salesqualifiedlead',
  ];
  const history = values
    .map((value, row) => ({ value, timestamp: at[row]!, sourceType: 'CRM_UI' }))
    .reverse();
  return {
    id: String(index),
    updatedAt: NOW,
    archived: false,
    history,
    truncated: false,
    properties: {},
    mergedIds: [],
  };
}

/** Runs each measurement on warm code, in one thread. */
export function benchCore(scale: Scale): BenchLine[] {
  const before = gc();
  const contacts = Array.from({ length: CONTACTS / scale }, (_, index) => contactOf(index));
  const factsOf = (contact: Contact) => qualify(contact, RULES, NOW, null, { rejudge: false });
  const run = () => {
    let differing = 0;
    for (const contact of contacts) differing += Object.keys(difference(factsOf(contact).values, {})).length;
    return differing;
  };
  run();
  const plain = seconds(() => contacts.map((contact) => JSON.parse(JSON.stringify(contact))).length);
  const core = seconds(run);
  const held = contacts.map((contact) => ({ contact, facts: factsOf(contact) }));
  const bytes = (gc() - before) / held.length;
  return [
    {
      name: 'core: contacts per second and core (6 history entries, 2 passes each)',
      value: `${count(Math.round(contacts.length / core))} contacts/s`,
      ratio: core / plain,
      against: 'the time to copy the same contacts through JSON (1 is as fast, less is better)',
    },
    {
      name: 'core: memory per contact, with its history and facts',
      value: `${count(Math.round(bytes))} bytes`,
      ratio: bytes / Buffer.byteLength(JSON.stringify(contacts[0])),
      against: 'the size of the contact as JSON (less is better)',
    },
  ];
}
