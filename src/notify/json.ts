/** Notices for machines: one flat JSON object, instants in ISO 8601 UTC, a link beside every contact id. */
import type { OverduePass } from '../ports.ts';
import { type Notice, scorecardChange } from './notices.ts';

/** The body of a `format: json` target. `id` is the same when a notice comes twice. */
export function jsonPayload(notice: Notice): object {
  const { id, event, portal, portalId } = notice;
  return { id, event, portal, portalId, at: iso(notice.at), ...details(notice) };
}

/** Where a contact stands in HubSpot; null while the portal's number is unknown. */
export function contactLink(portalId: string | null, contactId: string): string | null {
  if (portalId === null) return null;
  return `https://app.hubspot.com/contacts/${encodeURIComponent(portalId)}/record/0-1/${encodeURIComponent(contactId)}`;
}

function details(notice: Notice): object {
  switch (notice.event) {
    case 'scorecard': {
      const { sales, marketing, ...figures } = notice.figures;
      const change = scorecardChange(notice.figures);
      return { sales: isoPeriod(sales), marketing: marketing && isoPeriod(marketing), ...figures, change };
    }
    case 'newly_overdue':
      return { total: notice.total, contacts: notice.contacts.map((pass) => overdue(notice.portalId, pass)) };
    case 'promise_missed':
      return { side: notice.side, ...isoPeriod(notice.period) };
    case 'sync_failing':
      return { code: notice.code, message: notice.message };
    case 'sync_recovered':
      return { failingSince: iso(notice.failingSince) };
  }
}

function overdue(portalId: string | null, pass: OverduePass): object {
  const link = contactLink(portalId, pass.contactId);
  return { id: pass.contactId, pass: pass.pass, sla: pass.rule, due: iso(pass.dueAt), link };
}

function isoPeriod(period: { readonly from: number; readonly to: number }): object {
  return { ...period, from: iso(period.from), to: iso(period.to) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
