/**
 * Lifecycle stages and the properties HubSpot calculates from them. Their names usually end in the stage's value, but
 * characters that a property name cannot hold are altered, so they have to be looked up, not built
 * (knowledge.hubspot.com/properties/stage-calculated-properties).
 */
import type { Entry, SimulatedStage } from './types.ts';

/** A stage whose generated value cannot stand in a property name as it is. */
const NURTURING = 'nurture-2024';
/** A custom stage with a generated numeric value. */
const ACCEPTED = '153180554';
/** A stage that the portal's admin deleted; its value still stands in histories. */
export const RETIRED_STAGE = '1047999';

/** HubSpot's defaults, two custom stages among them, and `other` moved ahead of `evangelist`. */
export const DEFAULT_STAGES: readonly SimulatedStage[] = [
  { value: 'subscriber', label: 'Subscriber' },
  { value: 'lead', label: 'Lead' },
  { value: NURTURING, label: 'Nurturing' },
  { value: 'marketingqualifiedlead', label: 'Marketing Qualified Lead' },
  { value: ACCEPTED, label: 'Sales Accepted' },
  { value: 'salesqualifiedlead', label: 'Sales Qualified Lead' },
  { value: 'opportunity', label: 'Opportunity' },
  { value: 'customer', label: 'Customer' },
  { value: 'other', label: 'Other' },
  { value: 'evangelist', label: 'Evangelist' },
];

/** What a calculated property says of which stage. */
export interface StageProperty {
  readonly name: string;
  readonly stage: SimulatedStage;
  readonly says: 'entered' | 'exited';
}

/** The calculated properties of these stages, by name. */
export function stageProperties(stages: readonly SimulatedStage[]): Map<string, StageProperty> {
  const properties = new Map<string, StageProperty>();
  for (const stage of stages) {
    for (const says of ['entered', 'exited'] as const) {
      const name = `hs_v2_date_${says}_${stage.value.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')}`;
      properties.set(name, { name, stage, says });
    }
  }
  return properties;
}

/** When the stage was last entered (or left), from a history in ascending order; null: never. */
export function stageDate(
  history: readonly Entry[],
  value: string,
  says: 'entered' | 'exited',
): number | null {
  for (let i = history.length - 1; i >= 0; i -= 1) {
    const before = history[i - 1]?.value;
    const entry = history[i];
    if (entry === undefined) break;
    if (says === 'entered' && entry.value === value && before !== value) return entry.timestamp;
    if (says === 'exited' && entry.value !== value && before === value) return entry.timestamp;
  }
  return null;
}
