import type { PropertyObject } from './schema.ts';

const PREFIX = 'hs_v2_date_entered_';

/**
 * The portal's own "Date entered …" properties of these stages; null where one cannot be found beyond doubt. HubSpot
 * alters stage values to fit property names (hyphens become underscores, odd characters go, a number may be added), so
 * they are looked up in the property list, not built (knowledge.hubspot.com, "stage calculated properties").
 */
export function entryPropertiesOf(
  stages: readonly string[],
  properties: readonly Pick<PropertyObject, 'name'>[],
): readonly string[] | null {
  const names = properties.map(({ name }) => name).filter((name) => name.startsWith(PREFIX));
  const found = stages.map((stage) => find(stage, names));
  return found.every((name) => name !== null) ? found : null;
}

function find(stage: string, names: readonly string[]): string | null {
  const exact = names.find((name) => name === PREFIX + stage);
  if (exact !== undefined) return exact;
  const bare = simplify(stage);
  const candidates = names.filter((name) => {
    const rest = simplify(name.slice(PREFIX.length));
    return (
      rest === bare ||
      (rest.startsWith(bare) && /^_\d+$/.test(name.slice(PREFIX.length + fitted(stage).length)))
    );
  });
  const [only] = candidates;
  return only !== undefined && candidates.length === 1 ? only : null;
}

function fitted(stage: string): string {
  return stage.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_');
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
