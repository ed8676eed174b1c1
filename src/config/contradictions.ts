/** What no single key can tell: names given twice. Looks at a file that may have any other fault. */
import type { Path } from './variables.ts';

/** Rules of one name, and stages with two roles, in every portal. */
export function contradictions(raw: unknown): { readonly path: Path; readonly message: string }[] {
  return entriesOf(partOf(raw, 'portals')).flatMap(([name, portal]) => {
    const found = [...repeatedRules(partOf(portal, 'sales')), ...repeatedStages(partOf(portal, 'stages'))];
    return found.map(({ path, message }) => ({ path: ['portals', name, ...path], message }));
  });
}

function repeatedRules(sales: unknown): { path: Path; message: string }[] {
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

function repeatedStages(stages: unknown): { path: Path; message: string }[] {
  const roles = new Map<string, string>();
  return entriesOf(stages).flatMap(([role, values]) => {
    const named: [string | number, unknown][] =
      role === 'retired'
        ? entriesOf(values).map(([value]) => [value, value])
        : (Array.isArray(values) ? values : []).map((value, at) => [at, value]);
    return named.flatMap(([key, value]) => {
      const other = roles.get(String(value));
      roles.set(String(value), other ?? role);
      const message = `has a role already, under ${other}; a stage has one`;
      return other === undefined ? [] : [{ path: ['stages', role, key], message }];
    });
  });
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
