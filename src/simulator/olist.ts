/**
 * Olist's marketing funnel, as published on Kaggle: one file of qualified leads, one of closed deals. Each lead becomes a
 * contact with an MQL entry at its first contact and, when it closed, an SQL entry at the day it was won.
 */
import { type Findings, INSTANTS, type Lead, type LeadsFile, leadInstant, type Row } from './leads-file.ts';

const LEADS_HEADER = ['mql_id', 'first_contact_date', 'landing_page_id', 'origin'];
const DEALS_HEADER = ['mql_id', 'seller_id', 'won_date'];
/** Columns of the deals that are kept as properties. */
const KEPT = ['business_segment', 'lead_type', 'lead_behaviour_profile', 'business_type'];
/** Sales people are hashes in the file, and numbers in HubSpot. */
const FIRST_OWNER = 60_001;

/** Olist's words for where a lead came from, in HubSpot's. A blank one stays blank. */
const SOURCES: Readonly<Record<string, string>> = {
  organic_search: 'ORGANIC_SEARCH',
  paid_search: 'PAID_SEARCH',
  social: 'SOCIAL_MEDIA',
  direct_traffic: 'DIRECT_TRAFFIC',
  email: 'EMAIL_MARKETING',
  referral: 'REFERRALS',
  display: 'OTHER_CAMPAIGNS',
  other: 'OTHER_CAMPAIGNS',
  other_publicities: 'OTHER_CAMPAIGNS',
  unknown: 'OFFLINE',
};

/** Is this the file of qualified leads? */
export function isOlistLeads(file: LeadsFile): boolean {
  return LEADS_HEADER.every((name) => file.columns.includes(name));
}

/** Is this the file of closed deals? */
export function isOlistDeals(file: LeadsFile): boolean {
  return DEALS_HEADER.every((name) => file.columns.includes(name));
}

/** The leads of Olist's files among these. Deals of unknown leads are faults. */
export function olistLeads(files: readonly LeadsFile[], findings: Findings): Lead[] {
  const leads = new Map<string, Lead>();
  for (const file of files.filter(isOlistLeads)) {
    for (const row of file.rows) addLead(file.path, row, leads, findings);
  }
  const owners = new Map<string, string>();
  for (const file of files.filter(isOlistDeals)) {
    for (const row of file.rows) closeLead(file.path, row, leads, owners, findings);
  }
  return [...leads.values()];
}

/** Says how many of Olist's leads closed before their first contact; nothing where none did. */
export function olistRemarks(leads: readonly Lead[]): readonly string[] {
  const closed = leads.filter(({ stages }) => stages.length > 1);
  const early = closed.filter(({ stages: [contact, ...won] }) =>
    won.some(({ timestamp }) => timestamp < (contact?.timestamp ?? 0)),
  );
  if (early.length === 0) return [];
  return [
    `Leads that closed before their first contact: ${early.length} of ${closed.length}. An SQL before the first MQL counts in no rate.`,
  ];
}

function addLead(path: string, row: Row, leads: Map<string, Lead>, findings: Findings): void {
  const { mql_id: key = '', first_contact_date: date = '', origin = '' } = row.cells;
  const timestamp = leadInstant(date);
  if (timestamp === null) findings.add(path, row.line, 'first_contact_date', date, INSTANTS);
  if (key === '' || leads.has(key)) findings.add(path, row.line, 'mql_id', key, 'each lead once, with an id');
  const source = SOURCES[origin.replaceAll(' ', '_')];
  if (origin !== '' && source === undefined) {
    findings.add(path, row.line, 'origin', origin, `blank, ${Object.keys(SOURCES).join(', ')}`);
  }
  leads.set(key, {
    key,
    stages: [{ value: 'marketingqualifiedlead', timestamp: timestamp ?? 0, sourceType: 'FORM' }],
    properties: source === undefined ? {} : { hs_analytics_source: source },
  });
}

function closeLead(
  path: string,
  row: Row,
  leads: ReadonlyMap<string, Lead>,
  owners: Map<string, string>,
  findings: Findings,
): void {
  const { mql_id: key = '', won_date: date = '', sr_id: salesRep = '' } = row.cells;
  const lead = leads.get(key);
  const timestamp = leadInstant(date);
  if (timestamp === null) findings.add(path, row.line, 'won_date', date, INSTANTS);
  if (lead === undefined) {
    findings.add(
      path,
      row.line,
      'mql_id',
      key,
      'the id of a lead in the file of qualified leads (give --leads both files)',
    );
    return;
  }
  lead.stages.push({ value: 'salesqualifiedlead', timestamp: timestamp ?? 0, sourceType: 'CRM_UI' });
  for (const name of KEPT) {
    const value = row.cells[name] ?? '';
    if (value !== '') lead.properties[name] = value;
  }
  if (salesRep === '') return;
  const owner = owners.get(salesRep) ?? String(FIRST_OWNER + owners.size);
  owners.set(salesRep, owner);
  lead.properties.hubspot_owner_id = owner;
}
