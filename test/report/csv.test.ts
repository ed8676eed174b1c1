import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { PassRow } from '../../src/domain/types.ts';
import { csvLine, renderCsv } from '../../src/report/csv.ts';
import { at, row } from '../domain/scorecard/rows.ts';

const asOf = at('2026-03-11T12:00:00Z');

async function table(rows: readonly PassRow[], properties: readonly string[] = []) {
  const parts: string[] = [];
  for await (const part of renderCsv(rows, { portalId: '42', asOf, properties })) parts.push(part);
  return { parts, records: parse<Record<string, string>>(parts.join(''), { columns: true }) };
}

describe('renderCsv', () => {
  it('writes a row per pass', async () => {
    const { records } = await table([
      row({
        ...{
          id: '7',
          opened: '2026-03-02T10:00:00Z',
          accepted: '2026-03-02T11:00:00Z',
          decided: '2026-03-03T11:30:00Z',
        },
        ...{ due: '2026-03-04T17:00:00Z', rule: 'hot', fit: true, flags: ['merged', 'imported'] },
        pass: { impliedSql: true, businessMs: 9_000_000 },
      }),
      row({ id: '8', opened: '2026-03-02T10:00:00Z', decided: '2026-03-03T10:00:00Z', outcome: 'recycled' }),
      row({ id: '9', opened: '2026-03-12T10:00:00Z' }),
    ]);
    expect(records).toEqual([
      {
        ...{ contact_id: '7', pass: '1', status: 'qualified', mql_date: '2026-03-02T10:00:00.000Z' },
        ...{ accepted_date: '2026-03-02T11:00:00.000Z', sql_date: '2026-03-03T11:30:00.000Z' },
        ...{
          decided_date: '2026-03-03T11:30:00.000Z',
          hours_to_qualify: '25.5',
          business_hours_to_qualify: '2.5',
        },
        ...{ sla: 'hot', sla_status: 'met', sla_due_date: '2026-03-04T17:00:00.000Z', fit: 'true' },
        // imported speaks of the contact's latest pass, and is taken from the pass itself
        ...{ flags: 'implied_sql;merged', link: 'https://app.hubspot.com/contacts/42/record/0-1/7' },
      },
      {
        ...{ contact_id: '8', pass: '1', status: 'recycled', mql_date: '2026-03-02T10:00:00.000Z' },
        ...{ accepted_date: '', sql_date: '', decided_date: '2026-03-03T10:00:00.000Z' },
        ...{ hours_to_qualify: '', business_hours_to_qualify: '', sla: '', sla_status: '', sla_due_date: '' },
        ...{ fit: 'false', flags: '', link: 'https://app.hubspot.com/contacts/42/record/0-1/8' },
      },
    ]);
  });

  it('adds properties as columns, whatever is in them', async () => {
    const team = 'a "quoted", name\nof two lines';
    const { records } = await table(
      [row({ opened: '2026-03-02T10:00:00Z', properties: { team } })],
      ['team', 'none'],
    );
    expect(records[0]).toMatchObject({ team, none: '' });
  });

  it('has a head without rows', async () => {
    const { parts, records } = await table([]);
    expect(records).toEqual([]);
    expect(parts.join('')).toMatch(/^contact_id,pass,status,.*,link\n$/);
  });

  it('streams long tables in parts', async () => {
    const rows = Array.from({ length: 1_200 }, () => row({ opened: '2026-03-02T10:00:00Z' }));
    const { parts, records } = await table(rows);
    expect(records).toHaveLength(1_200);
    expect(parts).toHaveLength(3);
  });
});

describe('csvLine', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+44 20', "'+44 20"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', "' =1"],
    ['\t=1', "'\t=1"],
    ['＝1', "'＝1"],
    ['-12.5', '-12.5'],
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['=A1,"b"', '"\'=A1,""b"""'],
    ['two\nlines', '"two\nlines"'],
  ])('%j becomes %j', (value, cell) => {
    expect(csvLine([value, 'x'])).toBe(`${cell},x\n`);
  });
});
