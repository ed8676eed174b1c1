/** What no single key can tell: names given twice. Looks at a file that may have any other fault. */
import { DEFAULT_STAGES } from './schema.ts';
import type { Path } from './variables.ts';

interface Found {
  readonly path: Path;
  readonly message: string;
}

/** Rules of one name, and stages with two roles, in every portal. */
export function contradictions(raw: unknown): readonly Found[] {
  return entriesOf(partOf(raw, 'portals')).flatMap(([name, portal]) => {
    const found = [...repeatedRules(partOf(portal, 'sales')), ...repeatedStages(partOf(portal, 'stages'))];
    return found.map(({ path, message }) => ({ path: ['portals', name, ...path], message }));
  });
}

function repeatedRules(sales: unknown): Found[] {
  const names = new Set<unknown>();
  return (Array.isArray(sales) ? sales : []).flatMap((rule, at) => {
    const name = partOf(rule, 'name');
    const repeated = name !== undefined && names.has(name);
    names.add(name);
    return repeated
      ? [{ path: ['sales', at, 'name'], message: 'is the name of an earlier rule; each needs its own' }]
      : [];
  });
}

function repeatedStages(stages: unknown): Found[] {
  const roles = new Map<string, string>();
  return Object.entries({ ...DEFAULT_STAGES, ...Object.fromEntries(entriesOf(stages)) }).flatMap(
    ([role, values]) =>
      namedUnder(role, values).flatMap(([key, value]) => {
        const other = roles.get(value);
        roles.set(value, other ?? role);
        if (other === undefined) return [];
        const message = `has a role already, under ${other}; a stage has one`;
        return [{ path: ['stages', role, key], message }];
      }),
  );
}

function namedUnder(role: string, values: unknown): [string | number, string][] {
  if (role === 'retired') return entriesOf(values).map(([value]) => [value, value]);
  return (Array.isArray(values) ? values : []).map((value, at) => [at, String(value)]);
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
