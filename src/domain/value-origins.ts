import type { Facts, PropertyName } from './types.ts';

/** Where the value of a property comes from, or why it is blank, as a phrase. */
export function originOf(name: PropertyName, facts: Facts, truncated: boolean): string {
  if (facts.status === null) return 'blank: the contact entered neither an mql nor an sql stage that counts';
  if (facts.values[name] !== '') return givenBy(name, facts);
  if (truncated && (name === 'first_mql_date' || name === 'first_sql_date')) {
    return 'blank: HubSpot no longer has the oldest entries of the history';
  }
  if (name === 'flags') return 'blank: nothing unusual';
  if (name === 'pass' || name === 'transitions') return 'blank: no pass';
  if (name === 'first_sql_date') return 'blank: never an sql';
  if (facts.status === 'direct_sql')
    return 'blank: it speaks of a pass, and the latest event is an sql without one';
  return blankFor(name, facts);
}

function givenBy(name: PropertyName, { status, passes }: Facts): string {
  const latest = passes.length === 0 ? 'the latest pass' : `pass ${passes.length}`;
  switch (name) {
    case 'status':
      return status === 'direct_sql' ? 'entered sql while no pass was open' : `how ${latest} stands`;
    case 'mql_date':
      return `when ${latest} opened`;
    case 'accepted_date':
      return `first entry to an accepted stage in ${latest}`;
    case 'sql_date':
      return status === 'direct_sql'
        ? 'the first sql entry since the latest pass'
        : `when ${latest} qualified`;
    case 'decided_date':
      return `when ${latest} ended`;
    case 'hours_to_qualify':
      return `hours from opening to qualification of ${latest}`;
    case 'business_hours_to_qualify':
      return `the part of those hours inside business hours`;
    case 'pass':
      return 'number of passes';
    case 'transitions':
      return 'number of passes that qualified';
    case 'first_mql_date':
      return 'when pass 1 opened';
    case 'first_sql_date':
      return 'first entry to sql ever, or first qualification that skipped it';
    case 'sla':
      return 'the first rule whose conditions the contact meets';
    case 'sla_status':
      return `how the promise for ${latest} stands`;
    case 'sla_due_date':
      return `when the promise for ${latest} falls due`;
    case 'flags':
      return 'what is unusual about the history';
  }
}

function blankFor(name: PropertyName, { passes }: Facts): string {
  const latest = passes.at(-1);
  switch (name) {
    case 'accepted_date':
      return 'blank: the latest pass entered no accepted stage';
    case 'decided_date':
      return 'blank: the latest pass is still open';
    case 'sql_date':
    case 'hours_to_qualify':
    case 'business_hours_to_qualify':
      return 'blank: the latest pass has not qualified';
    case 'sla_status':
    case 'sla_due_date':
      return latest?.sla == null ? 'blank: no rule applies to the latest pass' : 'blank: the promise is void';
    default:
      return 'blank: no rule applies to the latest pass';
  }
}
