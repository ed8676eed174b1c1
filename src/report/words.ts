/** Words that the reports share. */
import type { Trap } from '../domain/scorecard/document.ts';

const TRAPS: Readonly<Record<Trap, { readonly name: string; readonly meaning: string }>> = {
  implied_sql: {
    name: 'SQL skipped',
    meaning: 'went from MQL past the SQL stage, for example when a deal was made',
  },
  direct_sql: { name: 'SQL without MQL', meaning: 'became SQL while no pass was open; counted in no rate' },
  imported: { name: 'imported', meaning: 'opened or qualified by an import' },
  instant: { name: 'instant', meaning: 'qualified in under a minute; left out of percentiles' },
  cleared: { name: 'cleared', meaning: 'ended because the stage was cleared' },
  merged: { name: 'merged', meaning: 'the contact has absorbed others, so one history may be that of two' },
  truncated: { name: 'truncated', meaning: 'HubSpot keeps 45 changes; older ones are unknown' },
  unmapped: { name: 'unmapped stage', meaning: 'the history holds a stage that has no role' },
  future: { name: 'future date', meaning: 'the history holds a stage dated in the future' },
  burst: {
    name: 'burst',
    meaning: 'opened in the same minute as those of at least two other contacts of the company',
  },
};

/** A trap in a few words. */
export function trapName(trap: Trap): string {
  return TRAPS[trap].name;
}

/** What a trap means, as half a sentence. */
export function trapMeaning(trap: Trap): string {
  return TRAPS[trap].meaning;
}
