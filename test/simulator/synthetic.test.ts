import { describe, expect, it } from 'vitest';
import type { SimulatedContact } from '../../src/simulator/contact.ts';
import { NOON, testPortal } from './support.ts';

const MQL = 'marketingqualifiedlead';
const SQL = 'salesqualifiedlead';
const HALF_A_YEAR = 27 * 7 * 86_400_000;

async function population(options: { size: number; seed?: number }): Promise<SimulatedContact[]> {
  const { portal } = await testPortal(options);
  return [...portal.contacts.values()];
}

const visits = (contact: SimulatedContact, stage: string) =>
  contact.stages.filter(({ value }) => value === stage).length;

describe('synthetic contacts', () => {
  it('are the same for the same seed and others for another', async () => {
    const first = await population({ size: 300, seed: 3 });
    expect(await population({ size: 300, seed: 3 })).toEqual(first);
    expect(await population({ size: 300, seed: 4 })).not.toEqual(first);
  });

  it('look like half a year of a real funnel', async () => {
    const contacts = await population({ size: 5_000 });
    const mqls = contacts.filter((contact) => visits(contact, MQL) > 0);
    const qualified = mqls.filter((contact) => visits(contact, SQL) > 0);
    expect(mqls.length / contacts.length).toBeGreaterThan(0.33);
    expect(mqls.length / contacts.length).toBeLessThan(0.45);
    expect(qualified.length / mqls.length).toBeGreaterThan(0.28);
    expect(qualified.length / mqls.length).toBeLessThan(0.45);
    const opened = mqls.map((contact) => contact.stages.find(({ value }) => value === MQL)?.timestamp ?? 0);
    expect(Math.min(...opened)).toBeGreaterThan(NOON - HALF_A_YEAR);
    const weekend = opened.filter((at) => [0, 6].includes(new Date(at).getUTCDay())).length;
    expect(weekend / opened.length).toBeLessThan(0.1);
  });

  it('hold what makes real portals hard', async () => {
    const contacts = await population({ size: 5_000 });
    const some = (test: (contact: SimulatedContact) => boolean) => contacts.filter(test).length;
    const imported = contacts.flatMap(({ stages }) =>
      stages.filter(({ sourceType }) => sourceType === 'IMPORT'),
    );
    expect(new Set(imported.map(({ timestamp }) => timestamp)).size).toBeLessThanOrEqual(3);
    expect(imported.length).toBeGreaterThan(20);
    expect({
      recycled: some((c) =>
        c.stages.some(({ value }, i) => value === '' && c.stages[i + 1]?.value === 'lead'),
      ),
      again: some((c) => visits(c, MQL) > 1),
      direct: some((c) => visits(c, SQL) > 0 && visits(c, MQL) === 0),
      skipped: some((c) => visits(c, MQL) > 0 && visits(c, SQL) === 0 && visits(c, 'opportunity') > 0),
      long: some((c) => c.stages.length > 45),
      merged: some((c) => c.mergedIds.length > 0),
      archived: some((c) => c.archivedAt !== null),
      future: some((c) => c.stages.some(({ timestamp }) => timestamp > NOON)),
      retired: some((c) => visits(c, '1047999') > 0),
      custom: some((c) => visits(c, '153180554') > 0),
    }).toEqual(
      Object.fromEntries(
        [
          'recycled',
          'again',
          'direct',
          'skipped',
          'long',
          'merged',
          'archived',
          'future',
          'retired',
          'custom',
        ].map((name) => [name, expect.toSatisfy((n: number) => n > 0, `${name}: at least one`)]),
      ),
    );
  });

  it('have companies, some of which are promoted whole at one instant', async () => {
    const contacts = await population({ size: 5_000 });
    const employed = contacts.filter(({ values }) => values.associatedcompanyid !== undefined);
    expect(employed.length / contacts.length).toBeGreaterThan(0.8);
    expect(employed.length / contacts.length).toBeLessThan(0.9);
    const promoted = new Map<string, number>();
    for (const { values, stages } of employed) {
      const entry = stages.find(({ sourceId }) => sourceId === '665544');
      if (entry === undefined) continue;
      const key = `${values.associatedcompanyid} ${entry.value} ${entry.timestamp}`;
      promoted.set(key, (promoted.get(key) ?? 0) + 1);
    }
    const companies = [...promoted.keys()].map((key) => key.split(' ', 1)[0]);
    expect(new Set(companies).size).toBe(companies.length);
    const large = [...promoted].filter(([, count]) => count >= 3).map(([key]) => key.split(' ')[1]);
    expect(new Set(large)).toEqual(new Set([MQL, 'opportunity']));
  });

  it('never change a stage or anything else in the future, but for the few entries dated ahead', async () => {
    const contacts = await population({ size: 2_000 });
    expect(contacts.filter(({ updatedAt, createdAt }) => updatedAt > NOON || createdAt > updatedAt)).toEqual(
      [],
    );
  });

  it('carry no names and no addresses', async () => {
    const contacts = await population({ size: 50 });
    const names = new Set(contacts.flatMap(({ values }) => Object.keys(values)));
    expect([...names].sort()).toEqual([
      'associatedcompanyid',
      'country',
      'hs_analytics_source',
      'hubspot_owner_id',
      'numemployees',
    ]);
  });
});
