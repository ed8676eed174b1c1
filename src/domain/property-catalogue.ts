import {
  FLAGS,
  type Flag,
  type PropertyName,
  SLA_STATUSES,
  type SlaStatus,
  STATUSES,
  type Status,
} from './types.ts';

/** A property of ours as a HubSpot user meets it. */
export interface PropertyDefinition {
  readonly type: 'enumeration' | 'datetime' | 'number' | 'string';
  readonly fieldType: 'select' | 'checkbox' | 'date' | 'number' | 'text';
  readonly label: string;
  readonly description: string;
  /** Only enumerations have any. */
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

const STATUS_LABELS: Readonly<Record<Status, string>> = {
  open: 'Open: waiting for sales',
  qualified: 'Qualified: became an SQL',
  recycled: 'Recycled: back to marketing',
  disqualified: 'Disqualified',
  direct_sql: 'Direct SQL: without an MQL',
};

const SLA_LABELS: Readonly<Record<SlaStatus, string>> = {
  on_track: 'On track',
  due_soon: 'Due soon',
  overdue: 'Overdue',
  met: 'Met',
  met_late: 'Met late',
};

const FLAG_LABELS: Readonly<Record<Flag, string>> = {
  cleared: 'Stage was cleared',
  future: 'Entry dated in the future',
  implied_sql: 'SQL stage was skipped',
  imported: 'MQL or SQL came from an import',
  instant: 'Qualified in under a minute',
  merged: 'Merged with other contacts',
  truncated: 'Oldest history is missing',
  unmapped: 'Stage without a role',
};

/** Every property handoff writes, by name without prefix. */
export const PROPERTY_CATALOGUE: Readonly<Record<PropertyName, PropertyDefinition>> = {
  status: select(
    'Handoff status',
    'How the latest attempt to qualify this contact went. It says how the attempt went, not in which lifecycle stage the contact is now.',
    options(STATUSES, STATUS_LABELS),
  ),
  mql_date: date(
    'MQL date',
    'When the latest attempt to qualify this contact began: the contact became an MQL.',
  ),
  accepted_date: date(
    'Sales accepted date',
    'When sales accepted the contact in the latest attempt: the first entry to a stage between MQL and SQL.',
  ),
  sql_date: date(
    'SQL date',
    'When the latest attempt qualified: the contact became an SQL. For a direct SQL, when that happened without an MQL.',
  ),
  decided_date: date(
    'Decision date',
    'When sales decided on the contact in the latest attempt, whatever the decision: qualified, recycled or disqualified.',
  ),
  hours_to_qualify: number(
    'Hours to qualify',
    'Hours from MQL to SQL in the latest attempt, nights and weekends included. Blank until it qualifies.',
  ),
  business_hours_to_qualify: number(
    'Business hours to qualify',
    'Business hours from MQL to SQL in the latest attempt. 0 when all of it happened outside business hours.',
  ),
  pass: number('MQL passes', 'How many times this contact was handed to sales as an MQL so far.'),
  transitions: number(
    'MQL to SQL transitions',
    'How many times this contact went from MQL to SQL. 0 while none of its attempts qualified.',
  ),
  first_mql_date: date(
    'First MQL date',
    'When this contact became an MQL for the first time. Blank when HubSpot no longer has the oldest history.',
  ),
  first_sql_date: date(
    'First SQL date',
    'When this contact became an SQL for the first time, with or without an MQL. Blank when HubSpot no longer has the oldest history.',
  ),
  sla: {
    type: 'string',
    fieldType: 'text',
    label: 'Sales promise',
    description: 'Name of the rule that says how soon sales decides on this contact.',
    options: [],
  },
  sla_status: select(
    'Sales promise status',
    'Where the promise to this contact stands: on track, due soon or overdue while sales has not decided; met or met late once it has.',
    options(SLA_STATUSES, SLA_LABELS),
  ),
  sla_due_date: date('Sales promise due date', 'By when sales promised to decide on this contact.'),
  flags: {
    ...select(
      'Handoff flags',
      'What to know about the history before trusting the numbers, such as an import, a merge or a skipped stage.',
      options(FLAGS, FLAG_LABELS),
    ),
    fieldType: 'checkbox',
  },
};

function date(label: string, description: string): PropertyDefinition {
  return { type: 'datetime', fieldType: 'date', label, description, options: [] };
}

function number(label: string, description: string): PropertyDefinition {
  return { type: 'number', fieldType: 'number', label, description, options: [] };
}

function select(
  label: string,
  description: string,
  choices: PropertyDefinition['options'],
): PropertyDefinition {
  return { type: 'enumeration', fieldType: 'select', label, description, options: choices };
}

function options<Value extends string>(values: readonly Value[], labels: Readonly<Record<Value, string>>) {
  return values.map((value) => ({ value, label: labels[value] }));
}
