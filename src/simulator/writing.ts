/** Checking what is to be written to a contact, alike for one and for many. */
import type { ApiVersion } from './call.ts';
import type { SimulatedContact } from './contact.ts';
import type { Portal } from './portal.ts';
import { type ErrorDetail, invalid, type Refusal } from './refusal.ts';
import { checkValue } from './values.ts';

/** Values as they will be stored, or HubSpot's refusal. */
export type CheckedWrite =
  | { readonly ok: true; readonly values: Record<string, string> }
  | { readonly ok: false; readonly refusal: Refusal };

/** Values as they will be stored, or why HubSpot refuses them. Admins' own rules hold on 2026-09 paths only. */
export function checkWrite(
  portal: Portal,
  contact: SimulatedContact,
  given: Readonly<Record<string, string>>,
  version: ApiVersion,
): CheckedWrite {
  const values: Record<string, string> = {};
  const problems: { name: string; code: string; message: string }[] = [];
  for (const [name, value] of Object.entries(given)) {
    const definition = portal.definitions.get(name);
    if (definition === undefined || definition.archived) {
      problems.push({ name, code: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` });
      continue;
    }
    const checked = checkValue(definition, value, version === '2026-09');
    if (checked.ok) values[name] = checked.value;
    else problems.push({ name, ...checked });
  }
  if (problems.length > 0) return { ok: false, refusal: notValid(portal, problems) };
  const missing = version === '2026-09' ? portal.missingConditional(contact, values) : [];
  return missing.length > 0 ? { ok: false, refusal: conditionallyRequired(missing) } : { ok: true, values };
}

function notValid(
  portal: Portal,
  problems: readonly { name: string; code: string; message: string }[],
): Refusal {
  const details = problems.map(({ name, code, message }) => ({
    ...{ isValid: false, message, error: code, name, portalId: portal.settings.portalId },
  }));
  const errors = problems.map(
    ({ name, code, message }): ErrorDetail => ({ message, code, context: { propertyName: [name] } }),
  );
  return invalid(`Property values were not valid: ${JSON.stringify(details)}`, { errors });
}

function conditionallyRequired(names: readonly string[]): Refusal {
  const errors = names.map(
    (name): ErrorDetail => ({
      message: `Property "${name}" is required by a conditional property rule`,
      code: 'MISSING_CONDITIONAL_REQUIRED_PROPERTY',
      context: { propertyName: [name] },
    }),
  );
  return invalid('Conditional required properties are missing', { errors });
}
