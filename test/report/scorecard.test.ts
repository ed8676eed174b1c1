import { describe, expect, it } from 'vitest';
import type { StoredContact } from '../../src/ports.ts';
import { renderJson } from '../../src/report/json.ts';
import { buildScorecard, countContacts, groupProperty } from '../../src/report/scorecard.ts';
import { at, row, rules } from '../domain/scorecard/rows.ts';

const input = {
  ...{ portal: 'main', asOf: at('2026-03-11T12:00:00Z'), weeks: 2, rules },
  counts: { contacts: 3, directSql: 1, flags: {} },
};

function contact(id: string, status: StoredContact['status'], owner: string, flags: string): StoredContact {
  const properties = { hubspot_owner_id: owner };
  const empty = { updatedAt: 0, archived: false, history: [], truncated: false, mergedIds: [] };
  return { contact: { id, properties, ...empty }, status, values: { flags }, passes: [] };
}

describe('buildScorecard', () => {
  it('reads a stream of rows and groups by a short name', async () => {
    async function* rows() {
      yield row({ opened: '2026-03-10T10:00:00Z', properties: { hubspot_owner_id: '11' } });
      yield row({ opened: '2026-03-10T10:00:00Z', properties: {} });
    }
    const scorecard = await buildScorecard(rows(), { ...input, by: 'owner' });
    expect(scorecard.by).toBe('hubspot_owner_id');
    expect(Object.keys(scorecard.groups ?? {})).toEqual(['11', '(none)']);
    expect(scorecard.quality).toMatchObject({ contacts: 3, passes: 2, direct_sql: 1 });
  });

  it('knows the short names, and takes any other for a property', () => {
    expect(['owner', 'source', 'country', 'toString'].map(groupProperty)).toEqual([
      ...['hubspot_owner_id', 'hs_analytics_source', 'country', 'toString'],
    ]);
  });

  it('completes the groups with contacts that no pass shows', async () => {
    const contacts = [
      contact('1', 'direct_sql', '11', 'imported'),
      contact('2', 'open', '11', 'imported;merged'),
      contact('3', 'recycled', '', ''),
      contact('4', null, '', ''),
    ];
    const countsByGroup = await countContacts(contacts, 'owner');
    expect([...countsByGroup]).toEqual([
      ['11', { contacts: 2, directSql: 1, flags: { imported: 2, merged: 1 } }],
      ['(none)', { contacts: 1, directSql: 0, flags: {} }],
    ]);
    const { groups = {} } = await buildScorecard([], { ...input, by: 'owner', countsByGroup });
    expect(groups['11']?.quality).toMatchObject({ contacts: 2, direct_sql: 1 });
  });
});

describe('renderJson', () => {
  it('is the document and nothing else', async () => {
    const scorecard = await buildScorecard([], input);
    const text = renderJson(scorecard);
    expect(JSON.parse(text)).toEqual(scorecard);
    expect(text.endsWith('}\n')).toBe(true);
  });
});
