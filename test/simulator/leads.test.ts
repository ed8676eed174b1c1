import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import type { SimulatedContact } from '../../src/simulator/contact.ts';
import { testPortal } from './support.ts';

const OLIST = join(import.meta.dirname, '../../../shared/data/olist');
const OLIST_LEADS = 'mql_id,first_contact_date,landing_page_id,origin\n';
const OLIST_DEALS = 'mql_id,seller_id,sdr_id,sr_id,won_date,business_segment\n';

/** A folder with these files, gone after the test. */
function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'leads-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

async function served(text: string): Promise<Map<string, SimulatedContact>> {
  const { portal } = await testPortal({ leads: [join(folder({ 'leads.csv': text }), 'leads.csv')] });
  return portal.contacts;
}

async function refused(files: Readonly<Record<string, string>>): Promise<string> {
  const error: unknown = await testPortal({ leads: [folder(files)] }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as ConfigurationError).message;
}

const days = (contact: SimulatedContact | undefined) =>
  contact?.stages.map(({ value, timestamp }) => [value, new Date(timestamp).toISOString()]);

describe('leads from a file', () => {
  it('have a row for each stage, in any order and any of the notations', async () => {
    const contacts = await served(
      [
        '\uFEFFid,Stage,entered_at,source_type,country,points',
        '7,marketingqualifiedlead,2026-03-02 10:30,IMPORT,Spain,3',
        '7,lead,2026-03-01,,Portugal,',
        '7,,1772532000000,INTEGRATION,,4',
        '7,lead,2026-03-03T12:00:00+01:00,,,',
        '12,1047999,2026-03-01T08:00:00.5Z,,"Isle of Man, Douglas",1',
      ].join('\n'),
    );
    expect([...contacts.keys()]).toEqual(['7', '12']);
    expect(days(contacts.get('7'))).toEqual([
      ['lead', '2026-03-01T00:00:00.000Z'],
      ['marketingqualifiedlead', '2026-03-02T10:30:00.000Z'],
      ['', '2026-03-03T10:00:00.000Z'],
      ['lead', '2026-03-03T11:00:00.000Z'],
    ]);
    expect(contacts.get('7')?.stages.map(({ sourceType }) => sourceType)).toEqual([
      'CRM_UI',
      'IMPORT',
      'INTEGRATION',
      'CRM_UI',
    ]);
    expect(contacts.get('7')?.values).toEqual({ country: 'Portugal', points: '4' });
    expect(contacts.get('12')?.values.country).toBe('Isle of Man, Douglas');
  });

  it('get ids of the portal where their own are no numbers', async () => {
    const contacts = await served('id,stage,entered_at\n9,lead,2026-03-01\nab-1,lead,2026-03-01\n');
    expect([...contacts.values()].map(({ id, values }) => [id, values.lead_id])).toEqual([
      ['1001', '9'],
      ['1002', 'ab-1'],
    ]);
  });

  it('stand beside synthetic ones', async () => {
    const leads = [folder({ 'a.csv': 'id,stage,entered_at\n5000000,lead,2026-03-01\n' })];
    const { portal } = await testPortal({ leads, size: 20 });
    expect(portal.ordered[0]?.id).toBe('5000000');
    expect(portal.contacts.size).toBeGreaterThan(15);
  });

  it.each([
    ['2,lead,2026-13-01,,', 'line 2, entered_at: found "2026-13-01"; allowed: 2026-03-30T09:15:00Z'],
    ['2,lead,2026-06-31,,', 'line 2, entered_at'],
    ['2,MQL,2026-03-01,,', 'line 2, stage: found "MQL"; allowed: blank, subscriber, lead'],
    [',lead,2026-03-01,,', 'line 2, id: found ""'],
    ['2,lead,2026-03-01,crm ui,', 'line 2, source_type: found "crm ui"'],
    ['2,lead,2026-03-01,,many', 'line 2, numemployees: found "many"; allowed: a number'],
    ['2,lead,2026-03-01', 'line 2, whole row: found "3 cells"; allowed: 5'],
  ])('are refused with file, line, column, found and allowed: %s', async (row, message) => {
    const text = await refused({ 'a.csv': `id,stage,entered_at,source_type,numemployees\n${row}\n` });
    expect(text).toContain('a.csv, ');
    expect(text).toContain(message);
  });

  it.each([
    ['id,stage\n1,lead\n', 'missing: entered_at'],
    ['id,stage,entered_at,Big Name\n1,lead,2026-03-01,\n', 'found "big name"'],
    ['id,stage,entered_at,stage\n1,lead,2026-03-01,lead\n', 'each column once'],
    ['id,stage,entered_at,createdate\n1,lead,2026-03-01,2026-03-01\n', 'HubSpot works this one out itself'],
    ['id,stage,entered_at,hs_analytics_source\n1,lead,2026-03-01,Google\n', 'ORGANIC_SEARCH, PAID_SEARCH'],
    ['id,stage,entered_at,lifecyclestage\n1,lead,2026-03-01,lead\n', 'in the column stage'],
    ['id,stage,entered_at\n', 'no leads below the header'],
    ['', 'is empty'],
    ['id,stage,entered_at\n"1,lead,2026-03-01\n', 'cannot be read as CSV'],
  ])('are refused whole: %j', async (text, message) => {
    expect(await refused({ 'a.csv': text })).toContain(message);
  });

  it('have up to twenty faults told, and the rest counted', async () => {
    const rows = Array.from({ length: 25 }, (_, i) => `${i + 1},lead,soon`).join('\n');
    const text = await refused({ 'a.csv': `id,stage,entered_at\n${rows}\n` });
    expect(text.split('\n').filter((line) => line.includes('entered_at: found'))).toHaveLength(20);
    expect(text).toContain('… and 5 more');
  });

  it('must be there', async () => {
    await expect(testPortal({ leads: ['nowhere.csv'] })).rejects.toThrow('--leads nowhere.csv: no such file');
    await expect(testPortal({ leads: [folder({ 'a.txt': '' })] })).rejects.toThrow('no .csv file');
  });
});

describe('Olist’s files', () => {
  it('are known by their headers', async () => {
    const leads = folder({
      'deals.csv': `${OLIST_DEALS}b,s,d,r,2018-03-01 19:58:54,pet\n`,
      'leads.csv': `${OLIST_LEADS}a,2018-02-01,l,social\nb,2018-02-02,l,\nc,2018-02-02,l,paid search\n`,
    });
    const { portal } = await testPortal({ leads: [leads] });
    const [a, b, c] = portal.ordered;
    expect(a?.values).toEqual({ hs_analytics_source: 'SOCIAL_MEDIA', lead_id: 'a' });
    expect(c?.values.hs_analytics_source).toBe('PAID_SEARCH');
    expect(b?.values).toEqual({ business_segment: 'pet', hubspot_owner_id: '60001', lead_id: 'b' });
    expect(days(b)).toEqual([
      ['marketingqualifiedlead', '2018-02-02T00:00:00.000Z'],
      ['salesqualifiedlead', '2018-03-01T19:58:54.000Z'],
    ]);
  });

  it.each([
    [{ 'd.csv': `${OLIST_DEALS}b,s,d,r,2018-03-01,pet\n` }, 'give --leads both files'],
    [{ 'l.csv': `${OLIST_LEADS}a,2018-02-01,l,telepathy\n` }, 'origin: found "telepathy"'],
    [{ 'l.csv': `${OLIST_LEADS}a,yesterday,l,social\n` }, 'first_contact_date: found "yesterday"'],
    [
      { 'l.csv': `${OLIST_LEADS}a,2018-02-01,l,\na,2018-02-01,l,\n` },
      'mql_id: found "a"; allowed: each lead once',
    ],
    [
      { 'l.csv': `${OLIST_LEADS}a,2018-02-01,l,\n`, 'm.csv': `${OLIST_DEALS}a,s,d,r,won,pet\n` },
      'won_date: found "won"',
    ],
  ])('are refused as well: %j', async (files, message) => {
    expect(await refused(files)).toContain(message);
  });

  it('are remarked on where leads closed before their first contact', async () => {
    const leads = `${OLIST_LEADS}a,2018-02-02,l,\nb,2018-02-02,l,\nc,2018-02-02,l,\n`;
    const deals = (a: string) => `${OLIST_DEALS}a,s,d,r,${a},\nb,s,d,r,2018-02-02 00:00:00,\n`;
    const remarks = async (won: string) =>
      (await testPortal({ leads: [folder({ 'l.csv': leads, 'm.csv': deals(won) })] })).remarks;
    expect(await remarks('2018-02-01 23:59:59')).toEqual([
      'Leads that closed before their first contact: 1 of 2. An SQL before the first MQL counts in no rate.',
    ]);
    expect(await remarks('2018-02-03')).toEqual([]);
  });

  it.skipIf(!existsSync(OLIST))(
    '[sample data] are served whole: 8,000 leads, 842 of them closed',
    async () => {
      const { portal } = await testPortal({ leads: [OLIST] });
      const closed = portal.ordered.filter(({ stages }) => stages.length === 2);
      expect([portal.contacts.size, closed.length]).toEqual([8_000, 842]);
      expect(closed.filter(({ stages }) => stages[0]?.value === 'salesqualifiedlead')).toHaveLength(1);
    },
  );
});
