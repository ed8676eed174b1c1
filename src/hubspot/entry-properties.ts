import type { PropertyObject } from './schema.ts';

const PREFIX = 'hs_v2_date_entered_';

/** What is looked at of a property's definition. */
type Definition = Pick<PropertyObject, 'name' | 'label' | 'options'>;

/**
 * The portal's own "Date entered …" properties of these stages; null where one cannot be found beyond doubt. HubSpot
 * alters stage values to fit property names (hyphens become underscores, odd characters go, a number may be added), so
 * they are looked up in the property list, not built (knowledge.hubspot.com, "stage calculated properties").
 */
export function entryPropertiesOf(
  stages: readonly string[],
  properties: readonly Definition[],
): readonly string[] | null {
  const entries = properties.filter(({ name }) => name.startsWith(PREFIX));
  const options = properties.find(({ name }) => name === 'lifecyclestage')?.options ?? [];
  const found = stages.map((stage) => {
    const label = options.find(({ value }) => value === stage)?.label ?? '';
    return byName(stage, entries) ?? byLabel(label, entries);
  });
  return found.every((name) => name !== null) ? found : null;
}

function byName(stage: string, entries: readonly Definition[]): string | null {
  const exact = entries.find(({ name }) => name === PREFIX + stage);
  if (exact !== undefined) return exact.name;
  const bare = simplify(stage);
  if (bare === '') return null;
  const fitted = stage.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_');
  return onlyOne(
    entries.filter(({ name }) => {
      const rest = name.slice(PREFIX.length);
      return simplify(rest) === bare || (rest.startsWith(fitted) && /^_\d+$/.test(rest.slice(fitted.length)));
    }),
  );
}

/** Labels read `Date entered "Sales Qualified Lead (Lifecycle Stage Pipeline)"`. */
function byLabel(label: string, entries: readonly Definition[]): string | null {
  if (label === '') return null;
  const wanted = label.toLowerCase();
  return onlyOne(
    entries.filter((entry) => {
      const named = /^date entered\s+"?(.*?)"?$/i.exec(entry.label)?.[1]?.toLowerCase() ?? '';
      return named === wanted || named.replace(/\s*\([^()]*\)$/, '') === wanted;
    }),
  );
}

function onlyOne(candidates: readonly Definition[]): string | null {
  const [only] = candidates;
  return only !== undefined && candidates.length === 1 ? only.name : null;
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
