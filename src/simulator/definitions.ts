/** Property definitions a portal starts with. Shapes as the properties API gives them. */
import { type StageProperty, stageProperties } from './stages.ts';
import type { SimulatedStage } from './types.ts';

/** HubSpot's property types. */
export const PROPERTY_TYPES = [
  'bool',
  'date',
  'datetime',
  'enumeration',
  'number',
  'phone_number',
  'string',
] as const;
/** One of HubSpot's property types. */
export type PropertyType = (typeof PROPERTY_TYPES)[number];

/** Which `fieldType` goes with which `type`. */
export const FIELD_TYPES: Readonly<Record<PropertyType, readonly string[]>> = {
  bool: ['booleancheckbox', 'calculation_equation'],
  date: ['date'],
  datetime: ['date', 'calculation_equation'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox', 'calculation_equation'],
  number: ['number', 'calculation_equation'],
  phone_number: ['phonenumber'],
  string: ['text', 'textarea', 'html', 'file', 'calculation_equation'],
};

/** A choice of an enumeration. */
export interface PropertyOption {
  readonly label: string;
  readonly value: string;
  readonly displayOrder: number;
  readonly hidden: boolean;
  readonly description?: string;
}

/** A property as the portal defines it; instants in ms. */
export interface Definition {
  readonly name: string;
  readonly label: string;
  readonly type: PropertyType;
  readonly fieldType: string;
  readonly groupName: string;
  readonly description: string;
  readonly displayOrder: number;
  readonly options: readonly PropertyOption[];
  readonly hidden: boolean;
  readonly formField: boolean;
  readonly hasUniqueValue: boolean;
  readonly hubspotDefined: boolean;
  readonly calculated: boolean;
  readonly archived: boolean;
  readonly readOnlyValue: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A group of properties. */
export interface Group {
  readonly name: string;
  readonly label: string;
  readonly displayOrder: number;
  readonly archived: boolean;
}

/** The values HubSpot gives `hs_analytics_source`. */
const SOURCES = [
  'ORGANIC_SEARCH',
  'PAID_SEARCH',
  'EMAIL_MARKETING',
  'SOCIAL_MEDIA',
  'REFERRALS',
  'OTHER_CAMPAIGNS',
  'DIRECT_TRAFFIC',
  'OFFLINE',
  'PAID_SOCIAL',
  'AI_REFERRALS',
] as const;

/** Groups of a new portal. */
export const DEFAULT_GROUPS: readonly Group[] = [
  { name: 'contactinformation', label: 'Contact information', displayOrder: 0, archived: false },
  { name: 'contactlcs', label: 'Contact lifecycle stage', displayOrder: 1, archived: false },
];

/** Properties HubSpot itself defines on a contact, as far as the simulated portal has them. */
export function defaultDefinitions(
  stages: readonly SimulatedStage[],
  withStageProperties: boolean,
): Definition[] {
  const stored = [
    define('email', 'string'),
    define('firstname', 'string'),
    define('lastname', 'string'),
    define('country', 'string'),
    define('industry', 'string'),
    define('numemployees', 'number'),
    define('hubspot_owner_id', 'enumeration'),
    define('associatedcompanyid', 'number'),
    define('hs_analytics_source', 'enumeration', {
      options: SOURCES.map((value) => ({ value, label: value })),
    }),
    define('lifecyclestage', 'enumeration', { options: stages }),
  ];
  const readOnly = [
    define('hs_object_id', 'number', { readOnlyValue: true }),
    define('createdate', 'datetime', { readOnlyValue: true }),
    define('lastmodifieddate', 'datetime', { readOnlyValue: true }),
    define('hs_merged_object_ids', 'enumeration', { readOnlyValue: true, fieldType: 'checkbox' }),
  ];
  const calculated = withStageProperties
    ? [...stageProperties(stages).values()].map(calculatedDefinition)
    : [];
  return [...stored, ...readOnly, ...calculated];
}

function calculatedDefinition({ name, stage, says }: StageProperty): Definition {
  return {
    ...define(name, 'datetime', { readOnlyValue: true }),
    label: `Date ${says} "${stage.label}" (Lifecycle Stage Pipeline)`,
    groupName: 'contactlcs',
    calculated: true,
  };
}

interface DefaultTraits {
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  readonly readOnlyValue?: boolean;
  readonly fieldType?: string;
}

function define(name: string, type: PropertyType, traits: DefaultTraits = {}): Definition {
  return {
    name,
    label: name,
    type,
    fieldType: traits.fieldType ?? (type === 'enumeration' ? 'select' : (FIELD_TYPES[type][0] ?? 'text')),
    groupName: 'contactinformation',
    description: '',
    displayOrder: -1,
    options: (traits.options ?? []).map(({ value, label }, displayOrder) => ({
      label,
      value,
      displayOrder,
      hidden: false,
    })),
    hidden: false,
    formField: false,
    hasUniqueValue: false,
    hubspotDefined: true,
    calculated: false,
    archived: false,
    readOnlyValue: traits.readOnlyValue ?? false,
    createdAt: 0,
    updatedAt: 0,
  };
}

/** A custom property such as a column of an imported file brings along. */
export function importedDefinition(name: string, type: 'string' | 'number', at: number): Definition {
  return { ...define(name, type), hubspotDefined: false, createdAt: at, updatedAt: at };
}
