/**
 * A portal's contacts from CSV files: one row for each stage a contact entered.
 *
 *     id,stage,entered_at[,source_type][,any property …]
 *
 * A blank stage is a clear. Property columns hold for the contact; of several values the last one that is not blank. Whole
 * numbers as ids become the contacts' ids; others are kept as the property `lead_id`.
 */
import { ConfigurationError } from '../errors.ts';
import {
  Findings,
  INSTANTS,
  type Lead,
  type LeadsFile,
  leadInstant,
  type Row,
  readLeadsFiles,
} from './leads-file.ts';
import { isOlistDeals, isOlistLeads, olistLeads, olistRemarks } from './olist.ts';
import type { Portal } from './portal.ts';
import { checkValue } from './values.ts';

const FIXED = ['id', 'stage', 'entered_at', 'source_type'];
const NEEDED = ['id', 'stage', 'entered_at'];

/**
 * Adds the contacts of these files to the portal. Returns what a person should know about them, as sentences. Throws
 * ConfigurationError naming every faulty row (up to 20).
 */
export function addLeads(portal: Portal, places: readonly string[]): readonly string[] {
  if (places.length === 0) return [];
  const findings = new Findings();
  const files = readLeadsFiles(places, findings);
  const leads = new Map<string, Lead>();
  for (const file of files.filter((file) => !isOlistLeads(file) && !isOlistDeals(file))) {
    readSimple(file, portal, leads, findings);
  }
  const olist = olistLeads(files, findings);
  for (const lead of olist) leads.set(lead.key, lead);
  findings.check();
  if (leads.size === 0)
    throw new ConfigurationError(`--leads ${places.join(' ')}: no leads below the header`);
  putIn(portal, [...leads.values()]);
  return olistRemarks(olist);
}

function putIn(portal: Portal, leads: readonly Lead[]): void {
  defineColumns(portal, leads);
  const numbered = leads.every(({ key }) => /^[1-9]\d{0,14}$/.test(key));
  if (!numbered) {
    for (const { key, stages, properties } of leads)
      portal.add({ stages, properties: { ...properties, lead_id: key } });
    return;
  }
  const ascending = leads.toSorted((a, b) => Number(a.key) - Number(b.key));
  for (const { key, stages, properties } of ascending) portal.add({ id: key, stages, properties });
}

/** A new column is a number where all its values are. */
function defineColumns(portal: Portal, leads: readonly Lead[]): void {
  const texts = new Set(['lead_id']);
  const numbers = new Set<string>();
  for (const { properties } of leads) {
    for (const [name, value] of Object.entries(properties)) {
      (Number.isFinite(Number(value)) ? numbers : texts).add(name);
    }
  }
  for (const name of texts) portal.define(name, 'string');
  for (const name of numbers) portal.define(name, 'number');
}

function readSimple(file: LeadsFile, portal: Portal, leads: Map<string, Lead>, findings: Findings): void {
  const { path, columns } = file;
  const missing = NEEDED.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    findings.add(
      path,
      1,
      'header',
      columns.join(','),
      `id,stage,entered_at[,source_type][,properties …]; missing: ${missing.join(', ')}`,
    );
    return;
  }
  for (const [place, name] of columns.entries()) {
    if (columns.indexOf(name) < place) findings.add(path, 1, 'header', name, 'each column once');
    else if (name === 'lifecyclestage') findings.add(path, 1, 'header', name, 'stages in the column stage');
    else if (!FIXED.includes(name) && !/^[a-z][a-z0-9_]*$/.test(name)) {
      findings.add(
        path,
        1,
        'header',
        name,
        "property names: lower-case letters, digits and '_', a letter first",
      );
    }
  }
  const readers = columns.filter((name) => !FIXED.includes(name)).map((name) => propertyCheck(portal, name));
  for (const row of file.rows) readRow(path, row, { portal, readers, leads, findings });
}

interface Reading {
  readonly portal: Portal;
  readonly readers: readonly PropertyCheck[];
  readonly leads: Map<string, Lead>;
  readonly findings: Findings;
}

function readRow(path: string, row: Row, { portal, readers, leads, findings }: Reading): void {
  const { id = '', stage = '', entered_at: enteredAt = '', source_type: sourceType = '' } = row.cells;
  const fault = (column: string, found: string, allowed: string) =>
    findings.add(path, row.line, column, found, allowed);
  const timestamp = leadInstant(enteredAt);
  if (id === '') fault('id', id, 'an id; rows with the same one belong to one contact');
  if (timestamp === null) fault('entered_at', enteredAt, INSTANTS);
  if (!isStage(portal, stage)) {
    fault(
      'stage',
      stage,
      `blank, ${portal.settings.stages.map(({ value }) => value).join(', ')}, or the number of a deleted stage`,
    );
  }
  if (!/^[A-Z0-9_]*$/.test(sourceType))
    fault('source_type', sourceType, "HubSpot's words, such as CRM_UI, IMPORT, INTEGRATION");
  const lead = leads.get(id) ?? { key: id, stages: [], properties: {} };
  leads.set(id, lead);
  lead.stages.push({ value: stage, timestamp: timestamp ?? 0, sourceType: sourceType || 'CRM_UI' });
  for (const { name, check } of readers) {
    const value = row.cells[name] ?? '';
    if (value === '') continue;
    const allowed = check(value);
    if (allowed !== null) fault(name, value, allowed);
    lead.properties[name] = value;
  }
}

function isStage(portal: Portal, value: string): boolean {
  return value === '' || /^\d+$/.test(value) || portal.settings.stages.some((stage) => stage.value === value);
}

interface PropertyCheck {
  readonly name: string;
  /** What is allowed instead; null: the value is good. */
  readonly check: (value: string) => string | null;
}

function propertyCheck(portal: Portal, name: string): PropertyCheck {
  const definition = portal.definitions.get(name);
  if (definition === undefined) return { name, check: () => null };
  return {
    name,
    check(value) {
      if (checkValue(definition, value, true).ok) return null;
      if (definition.readOnlyValue) return 'nothing: HubSpot works this one out itself';
      const options = definition.options.map((option) => option.value).join(', ');
      return options === ''
        ? `a ${definition.name === 'hubspot_owner_id' ? 'number' : definition.type}`
        : options;
    },
  };
}
