/** What a report shows besides the scorecard itself. */
import type { Blocks, Scorecard } from '../domain/scorecard/document.ts';
import type { OverduePass } from '../ports.ts';

/** What people are shown around the figures; nothing in it is stored with the scorecard. */
export interface ReportContext {
  /** HubSpot's number of the portal, for links; null: no links. */
  readonly portalId: string | null;
  /** Owner id → name and team, for groups by owner. */
  readonly owners: ReadonlyMap<string, { readonly name: string; readonly team: string | null }>;
  /** Open passes after their due time, longest overdue first. */
  readonly overdue: readonly OverduePass[];
}

/** The contact in HubSpot's own pages; null without a portal number. */
export function recordLink(context: Pick<ReportContext, 'portalId'>, contactId: string): string | null {
  if (context.portalId === null) return null;
  const [portal, id] = [encodeURIComponent(context.portalId), encodeURIComponent(contactId)];
  return `https://app.hubspot.com/contacts/${portal}/record/0-1/${id}`;
}

/** What a grouping is called by people. */
export function groupingName(by: string): string {
  if (by === 'hubspot_owner_id') return 'owner';
  return by === 'hs_analytics_source' ? 'source' : by;
}

/** A group as a report shows it, largest first. */
export interface Group {
  readonly value: string;
  readonly label: string;
  readonly blocks: Blocks;
}

/** The groups of a scorecard with names for people; owners by name and team. Empty without a grouping. */
export function groupsOf(scorecard: Scorecard, { owners }: ReportContext): readonly Group[] {
  const isByOwner = scorecard.by === 'hubspot_owner_id';
  return Object.entries(scorecard.groups ?? {})
    .map(([value, blocks]) => {
      const owner = isByOwner ? owners.get(value) : undefined;
      const team = owner?.team ? ` (${owner.team})` : '';
      return { value, label: owner === undefined ? value : `${owner.name}${team}`, blocks };
    })
    .sort((one, other) => other.blocks.quality.passes - one.blocks.quality.passes);
}

/** Kept and due of all weeks shown together. */
export function attainment({ sales }: Pick<Blocks, 'sales'>): {
  readonly kept: number;
  readonly due: number;
} {
  let [kept, due] = [0, 0];
  for (const week of sales.weeks) {
    kept += week.kept;
    due += week.due;
  }
  return { kept, due };
}

/** Passes and qualified ones of all cohorts shown together. */
export function cohortTotal({ conversion }: Pick<Blocks, 'conversion'>): {
  readonly passes: number;
  readonly qualified: number;
} {
  let [passes, qualified] = [0, 0];
  for (const week of conversion.weeks) {
    passes += week.passes;
    qualified += week.qualified;
  }
  return { passes, qualified };
}
