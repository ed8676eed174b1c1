/** All of HubSpot's side together, against a simulated portal, in both readings of every question HubSpot leaves open. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROPERTY_CATALOGUE } from '../../src/domain/property-catalogue.ts';
import { PROPERTY_NAMES } from '../../src/domain/types.ts';
import { isHandoffError, UnavailableError } from '../../src/errors.ts';
import { createHubSpot, type HubSpotOptions } from '../../src/hubspot/hubspot.ts';
import { createLogger } from '../../src/log.ts';
import type { ContactSource, FindPage, Found, ReadContact, WriteInput } from '../../src/ports.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { SimulatorOptions } from '../../src/simulator/types.ts';
import { NOW, noCalls, OpenGate } from './support.ts';

const ENTRY_STAGES = ['marketingqualifiedlead', '153180554', 'salesqualifiedlead'];
const VALUES = { status: 'open', mql_date: '2026-11-02T09:30:00.250Z', hours_to_qualify: '1.25' } as const;
const HOUR_MS = 3_600_000;
const FEW = 60;

const READINGS: readonly (readonly [string, SimulatorOptions])[] = [
  ['trace ids isolate', {}],
  ['trace ids mean nothing', { tracePartial: false }],
  ['partial answers have status 200', { partialStatus: 200 }],
  ['batch reads follow merges', { batchReadFollowsMerges: true }],
  ['writing the same value changes nothing', { noOpBumps: false }],
  ['no properties say when a stage was entered', { stageProperties: false }],
];

/** A simulated portal without limits that bind, at a time that the test moves, and us in front of it. */
async function start(options: SimulatorOptions = {}, own: Partial<HubSpotOptions> = {}) {
  let now = NOW;
  const limits = { burst: 1e6, searchPerSecond: 1e6, day: 1e9 };
  const simulator = await startSimulator({ clock: { now: () => now }, limits, ...options });
  onTestFinished(() => simulator.close());
  const gate = new OpenGate();
  const hubspot = createHubSpot({
    ...{ portal: 'main', token: simulator.token, baseUrl: simulator.url, apiVersion: '2026-09' },
    ...{ prefix: 'handoff_', group: { name: 'handoff', label: 'Handoff' } },
    ...{ gate, clock: { now: () => now }, log: createLogger('silent'), timeoutMs: 5_000, retryGapMs: 1 },
    ...own,
  });
  const calls = noCalls();
  const contacts = () => hubspot.contacts({ entryStages: ENTRY_STAGES, properties: [] }, calls);
  const pass = (ms: number) => {
    now += ms;
    return now;
  };
  return { simulator, portal: simulator.portal, hubspot, gate, calls, contacts, pass };
}

/** Does it again while HubSpot is out of reach, as the queue does. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isHandoffError(error) || error.retry === 'never' || attempt === 8) throw error;
    }
  }
}

async function findAll(source: ContactSource, from: number | null, to: number): Promise<Found[]> {
  const found: Found[] = [];
  let after: string | null = null;
  do {
    const position: string | null = after;
    const page: FindPage = await again(() => source.find({ from, to }, position, 'backfill'));
    found.push(...page.found);
    after = page.after;
  } while (after !== null);
  return found;
}

async function readAll(source: ContactSource, ids: readonly string[]): Promise<ReadContact[]> {
  const read: ReadContact[] = [];
  for (let at = 0; at < ids.length; at += 100) {
    const answer = await again(() => source.read(ids.slice(at, at + 100), 'backfill'));
    expect(answer.missing).toEqual([]);
    read.push(...answer.contacts);
  }
  return read;
}

function inputOf({ contact }: ReadContact): WriteInput {
  const latest = contact.history.toSorted((a, b) => b.timestamp - a.timestamp)[0];
  return { id: contact.id, values: VALUES, stage: latest?.value ?? '' };
}

type Started = Awaited<ReturnType<typeof start>>;

/** Ids of contacts that entered one of our stages, as the portal itself knows them. */
function concerned({ portal }: Started): string[] {
  return portal.ordered
    .filter(({ archivedAt, stages }) => archivedAt === null && stages.some(isEntry))
    .map(({ id }) => id);
}

function isEntry({ value }: { readonly value: string }): boolean {
  return ENTRY_STAGES.includes(value);
}

/** Contacts in the stage `marketingqualifiedlead`, an hour ago. */
function addMqls({ portal }: Started, n: number): string[] {
  const stages = [{ value: 'marketingqualifiedlead', timestamp: NOW - HOUR_MS }];
  return Array.from({ length: n }, () => portal.add({ stages }));
}

describe.each(READINGS)('where %s', (_, reading) => {
  it('contacts are found, read and written, and carry what was written', async () => {
    const world = await start({ ...reading, size: 300 });
    const { source, writer } = world.contacts();
    await world.hubspot.portal.ensureProperties();

    const found = await findAll(source, null, NOW);
    const ids = found.map(({ id }) => id);
    const before = await readAll(source, ids);
    world.pass(1_000);
    const receipts = [];
    for (let at = 0; at < before.length; at += 100) {
      receipts.push(...(await writer.write(before.slice(at, at + 100).map(inputOf), 'backfill')));
    }
    const after = await readAll(source, ids);

    expect(ids).toEqual(expect.arrayContaining(concerned(world)));
    expect(before.map(({ contact }) => contact.id).toSorted()).toEqual(ids.toSorted());
    expect(before.map(({ current }) => current)).toEqual(before.map(() => ({})));
    expect(receipts.filter(({ ok }) => !ok)).toEqual([]);
    expect(after.map(({ current }) => current)).toEqual(after.map(() => VALUES));
    const histories = (all: readonly ReadContact[]) =>
      new Map(all.map(({ contact }) => [contact.id, contact.history]));
    expect(histories(after)).toEqual(histories(before));
    const echoes = new Map(receipts.map((one) => [one.id, one.ok ? one.updatedAt : null]));
    expect(echoes).toEqual(new Map(after.map(({ contact }) => [contact.id, contact.updatedAt])));
  });

  it('a later search finds what changed since, and no other contact', async () => {
    const world = await start(reading);
    const [first = '', , third = ''] = addMqls(world, FEW);
    const { source } = world.contacts();
    const now = world.pass(HOUR_MS);
    world.portal.move(first, 'salesqualifiedlead');
    world.portal.setProperty(third, 'email', 'new@example.com');

    const found = await findAll(source, NOW, now);

    expect(found).toEqual([first, third].map((id) => ({ id, modifiedAt: now })));
  });

  it('a record that a rule of the portal refuses is alone in it', async () => {
    const world = await start(reading);
    const ids = addMqls(world, FEW);
    const refused = [ids[3], ids[4], ids[41]].map(String);
    const { source, writer } = world.contacts();
    await world.hubspot.portal.ensureProperties();
    world.portal.define('budget', 'number');
    world.portal.requireConditionally(refused, 'budget');

    const receipts = await writer.write((await readAll(source, ids)).map(inputOf), 'live');

    const failed = receipts.filter((receipt) => !receipt.ok);
    expect(receipts.map(({ id }) => id).toSorted()).toEqual(ids);
    expect(failed.map(({ id }) => id).toSorted()).toEqual(refused);
    expect(failed.map(({ code }) => code)).toEqual(refused.map(() => 'validation_error'));
    expect(failed[0]?.reason).toContain('MISSING_CONDITIONAL_REQUIRED_PROPERTY budget');
    expect(world.calls.write).toBeLessThanOrEqual(1 + 2 * refused.length * Math.ceil(Math.log2(FEW)));
    const written = (await readAll(source, ids)).filter(({ current }) => current.status === 'open');
    expect(written).toHaveLength(FEW - refused.length);
  });

  it('merged, archived and forgotten contacts are missed, refused, and followed', async () => {
    const world = await start(reading);
    const [primary = '', other = '', archived = '', gone = '', live = ''] = addMqls(world, 5);
    const { source, writer } = world.contacts();
    await world.hubspot.portal.ensureProperties();
    const all = await readAll(source, [primary, other, archived, gone, live]);
    const into = world.portal.merge(primary, other);
    world.portal.archive(archived);
    world.portal.forget(gone);

    const answer = await source.read([primary, other, archived, gone, live], 'live');
    const receipts = await writer.write(all.map(inputOf), 'live');
    const places = await source.locate(answer.missing, 'live');

    expect(answer.contacts.map(({ contact }) => contact.id)).toEqual([live]);
    expect(receipts.filter(({ ok }) => ok).map(({ id }) => id)).toEqual([live]);
    expect(receipts.filter(({ ok }) => !ok)).toHaveLength(4);
    expect(places).toEqual([
      { id: primary, now: 'merged', into },
      { id: other, now: 'merged', into },
      { id: archived, now: 'archived' },
      { id: gone, now: 'gone' },
    ]);
    const [merged] = (await source.read([into], 'live')).contacts;
    expect(merged?.contact.mergedIds.toSorted()).toEqual([primary, other]);
  });
});

describe('trouble on the way', () => {
  it.each([
    ['outages, broken connections and cut-off answers', { rate5xx: 0.1, dropped: 0.05, cutOff: 0.05 }, false],
    ['429s', { rate429: 0.3 }, false],
    ['429s that say how long', { rate429: 0.3 }, true],
  ] as const)('%s cost no contact and no value', async (_, faults, retryAfter) => {
    const world = await start({ size: 4_000, seed: 7, faults, retryAfter });
    const { source, writer } = world.contacts();
    await again(() => world.hubspot.portal.ensureProperties());

    const ids = (await findAll(source, null, NOW)).map(({ id }) => id);
    const read = await readAll(source, ids);
    for (let at = 0; at < read.length; at += 100) {
      const inputs = read.slice(at, at + 100).map(inputOf);
      const receipts = await again(() => writer.write(inputs, 'backfill'));
      expect(receipts.filter(({ ok }) => !ok)).toEqual([]);
    }

    expect(ids).toEqual(concerned(world));
    const values = world.portal.ordered
      .filter(({ id }) => ids.includes(id))
      .map((contact) => world.portal.value(contact, 'handoff_status'));
    expect(values).toEqual(ids.map(() => 'open'));
    expect(world.simulator.stats().faults).toBeGreaterThan(10);
    if ('rate429' in faults) {
      const refused = world.calls.rejected + world.hubspot.calls.rejected;
      expect(refused).toBe(world.simulator.stats().faults);
      expect(world.gate.closed).toHaveLength(refused);
    }
  });

  it("a limit that is really exceeded is learnt, and the gate closed for the portal's own window", async () => {
    const world = await start({ limits: { burst: 3 }, retryAfter: true });
    const ids = addMqls(world, 4);
    const { source } = world.contacts();
    for (let call = 0; call < 3; call += 1) await source.read(ids, 'live');

    const beyond = again(() => source.read(ids, 'live'));

    await expect(beyond).rejects.toThrow("HubSpot's burst limit is used up");
    expect(world.gate.learnt[0]?.burst).toEqual({ max: 3, windowMs: 10_000 });
    expect(world.gate.closed[0]?.scope).toBe('burst');
    expect(world.gate.closed[0]?.until).toBeGreaterThan(NOW);
  });
});

describe('a server that is not there', () => {
  it('is an outage that names its cause', async () => {
    const world = await start();
    await world.simulator.close();

    const asked = world.hubspot.portal.account();

    await expect(asked).rejects.toThrow(UnavailableError);
    await expect(asked).rejects.toThrow('ECONNREFUSED');
  });
});

describe('the older version of the API', () => {
  it("is asked under its own addresses, and does not hold admins' rules against us", async () => {
    const world = await start({}, { apiVersion: '2026-03' });
    const ids = addMqls(world, 3);
    const { source, writer } = world.contacts();
    await world.hubspot.portal.ensureProperties();
    world.portal.define('budget', 'number');
    world.portal.requireConditionally(ids, 'budget');

    const receipts = await writer.write((await readAll(source, ids)).map(inputOf), 'live');

    expect(receipts.map(({ ok }) => ok)).toEqual([true, true, true]);
  });
});

describe('values of ours on contacts that were never handed over', () => {
  it.each(PROPERTY_NAMES)(
    'are found by %s alone when everything is looked at, each contact once',
    async (name) => {
      const { portal, hubspot, calls, pass } = await start({ size: 40 });
      await hubspot.portal.ensureProperties();
      const { type, options } = PROPERTY_CATALOGUE[name];
      const value = options[0]?.value ?? (type === 'datetime' ? '2026-11-02T09:30:00.000Z' : '1');
      const [lead] = [...portal.contacts.values()].filter(({ stages }) =>
        stages.every((stage) => stage.value === 'lead'),
      );
      portal.setProperty(lead!.id, `handoff_${name}`, value);
      const handedOver = [...portal.contacts.values()].find(({ stages }) =>
        stages.some((stage) => stage.value === ENTRY_STAGES[0]),
      );
      portal.setProperty(handedOver!.id, `handoff_${name}`, value);

      const stages = ['marketingqualifiedlead', 'salesqualifiedlead'];
      const { source } = hubspot.contacts({ entryStages: stages, properties: [] }, calls);

      const ids = (await findAll(source, null, pass(HOUR_MS))).map(({ id }) => id);

      expect(ids).toContain(lead!.id);
      expect(ids.filter((id) => id === handedOver!.id)).toHaveLength(1);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
});
