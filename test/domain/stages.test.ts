import { describe, expect, it } from 'vitest';
import { assignRoles, type PortalStage, type RoleAssignment } from '../../src/domain/stages.ts';

const DEFAULTS = stagesOf([
  ['subscriber', 'Subscriber'],
  ['lead', 'Lead'],
  ['marketingqualifiedlead', 'Marketing Qualified Lead'],
  ['2497212665', 'Sales Accepted'],
  ['salesqualifiedlead', 'Sales Qualified Lead'],
  ['opportunity', 'Opportunity'],
  ['customer', 'Customer'],
  ['other', 'Other'],
]);

function stagesOf(
  table: readonly (readonly [value: string, label: string, displayOrder?: number])[],
): PortalStage[] {
  return table.map(([value, label, displayOrder], index) => ({
    value,
    label,
    displayOrder: displayOrder ?? index,
  }));
}

function assign(
  assigned: RoleAssignment['assigned'],
  options: { readonly retired?: RoleAssignment['retired']; readonly stages?: readonly PortalStage[] } = {},
) {
  return assignRoles({ assigned, retired: options.retired ?? {} }, options.stages ?? DEFAULTS);
}

const USUAL = { mql: ['marketingqualifiedlead'], sql: ['salesqualifiedlead'] } as const;

describe('roles', () => {
  it('follow the portal order where nothing is assigned', () => {
    const { roles, faults } = assign(USUAL);
    expect(faults).toEqual([]);
    expect(Object.fromEntries(roles)).toEqual({
      subscriber: 'before',
      lead: 'before',
      marketingqualifiedlead: 'mql',
      '2497212665': 'accepted',
      salesqualifiedlead: 'sql',
      opportunity: 'after',
      customer: 'after',
      other: 'lost',
    });
  });

  it('are taken as assigned, wherever the stage stands', () => {
    const { roles, faults } = assign({
      ...USUAL,
      lost: ['subscriber'],
      before: ['other'],
      accepted: ['opportunity'],
    });
    expect(faults).toEqual([]);
    expect([roles.get('subscriber'), roles.get('other'), roles.get('opportunity')]).toEqual([
      'lost',
      'before',
      'accepted',
    ]);
  });

  it('go by displayOrder, not by the order given; -1 stands last, ties as given', () => {
    const stages = stagesOf([
      ['last', 'Last', -1],
      ['sql', 'SQL', 4],
      ['mql', 'MQL', 2],
      ['between', 'Between', 4],
      ['early', 'Early', 0],
    ]);
    const { roles } = assign({ mql: ['mql'], sql: ['sql'] }, { stages });
    expect([...['last', 'between', 'early']].map((value) => roles.get(value))).toEqual([
      'after',
      'after',
      'before',
    ]);
  });

  it('between several mql and sql stages are accepted', () => {
    const stages = stagesOf([
      ['m1', 'M1'],
      ['x', 'X'],
      ['m2', 'M2'],
      ['s1', 'S1'],
      ['y', 'Y'],
      ['s2', 'S2'],
      ['z', 'Z'],
    ]);
    const { roles, faults } = assign({ mql: ['m1', 'm2'], sql: ['s1', 's2'] }, { stages });
    expect(faults).toEqual([]);
    expect(['x', 'y', 'z'].map((value) => roles.get(value))).toEqual(['accepted', 'accepted', 'after']);
  });

  it('are given to retired stages, also where the portal still has them', () => {
    const { roles, faults } = assign(USUAL, { retired: { '1047999': 'before', subscriber: 'lost' } });
    expect(faults).toEqual([]);
    expect([roles.get('1047999'), roles.get('subscriber')]).toEqual(['before', 'lost']);
  });

  it('leave deleted stages without one', () => {
    expect(assign(USUAL).roles.has('1047999')).toBe(false);
  });
});

describe('faults', () => {
  const backwards = stagesOf([
    ['sql', 'SQL'],
    ['mql', 'MQL'],
    ['lead', 'Lead'],
    ['other', 'Other'],
  ]);
  it.each<[what: string, faults: readonly string[], expected: readonly (string | RegExp)[]]>([
    [
      'a stage misspelt',
      assign({ ...USUAL, mql: ['marketingqualifedlead'] }).faults,
      [
        'stages.mql: the portal has no stage "marketingqualifedlead"; did you mean marketingqualifiedlead (Marketing Qualified Lead)?',
      ],
    ],
    [
      'a label in place of the value',
      assign({ ...USUAL, accepted: ['sales accepted'] }).faults,
      [
        'stages.accepted: the portal has no stage "sales accepted"; did you mean 2497212665 (Sales Accepted)?',
      ],
    ],
    [
      'nothing near',
      assign({ ...USUAL, lost: ['zzz'] }).faults,
      [/no stage "zzz"; it has subscriber \(Subscriber\), .*stages\.retired/],
    ],
    [
      'two roles',
      assign({ ...USUAL, accepted: ['marketingqualifiedlead'] }).faults,
      ['stages.accepted: stage "marketingqualifiedlead" has role mql already; give it one role'],
    ],
    [
      'assigned and retired otherwise',
      assign(USUAL, { retired: { salesqualifiedlead: 'lost' } }).faults,
      ['stages.retired: stage "salesqualifiedlead" has role sql already; give it one role'],
    ],
    [
      'no mql stage',
      assign({ mql: [], sql: ['salesqualifiedlead'] }).faults,
      [/^stages\.mql: no stage has role mql/],
    ],
    ['neither', assign({}).faults, [/^stages\.mql: no stage/, /^stages\.sql: no stage/]],
    [
      'only a retired sql stage',
      assign({ mql: USUAL.mql }, { retired: { gone: 'sql' } }).faults,
      [/^stages\.sql: no stage/],
    ],
    [
      'mql behind sql',
      assign({ mql: ['mql'], sql: ['sql'] }, { stages: backwards }).faults,
      [/"mql" stands behind the sql stage "sql" .* give a role to lead \(Lead\) too$/],
    ],
    [
      'mql behind sql, all assigned, `other` by itself',
      assign({ mql: ['mql'], sql: ['sql'], before: ['lead'] }, { stages: backwards }).faults,
      [],
    ],
    ['the same role twice is none', assign({ ...USUAL, lost: ['other', 'other'] }).faults, []],
  ])('%s', (_what, faults, expected) => {
    expect(faults).toHaveLength(expected.length);
    expected.forEach((fault, index) => {
      if (typeof fault === 'string') expect(faults[index]).toBe(fault);
      else expect(faults[index]).toMatch(fault);
    });
  });
});
