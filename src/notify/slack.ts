/**
 * Notices for people, as a Slack incoming webhook takes them: `text` in mrkdwn
 * (api.slack.com/messaging/webhooks, api.slack.com/reference/surfaces/formatting).
 */
import { contactLink } from './json.ts';
import {
  type DeliveryWindow,
  type Notice,
  type ScorecardFigures,
  type Subject,
  scorecardChange,
} from './notices.ts';

/** Contacts listed; a longer message is not read. */
const LISTED = 20;

/** The body of a `format: slack` target. */
export function slackPayload(notice: Notice): object {
  return { text: lines(notice).join('\n'), unfurl_links: false };
}

function lines(notice: Notice): string[] {
  const portal = escaped(notice.portal);
  switch (notice.event) {
    case 'scorecard':
      return [`*Scorecard of ${portal}*`, ...scorecardLines(notice, notice.figures)];
    case 'newly_overdue':
      return [`*${count(notice.total, 'lead')} became overdue* (${portal})`, ...overdueLines(notice)];
    case 'promise_missed':
      return notice.side === 'sales'
        ? [
            `*Sales promise missed* (${portal})`,
            `${week(notice, notice.period)}: ${notice.period.missed} of ${count(notice.period.due, 'lead')} due missed the promise.`,
          ]
        : [`*Marketing promise missed* (${portal})`, `${window(notice, notice.period)}.`];
    case 'sync_failing':
      return [`*Syncing ${portal} fails* (${escaped(notice.code)})`, escaped(notice.message)];
    case 'sync_recovered':
      return [
        `*Syncing ${portal} works again*`,
        `It had failed since ${instant(notice, notice.failingSince)}.`,
      ];
  }
}

function scorecardLines(subject: Subject, figures: ScorecardFigures): string[] {
  const { sales, marketing, conversion, medianHours } = figures;
  const change = scorecardChange(figures);
  const kept = `kept for ${sales.kept} of ${count(sales.due, 'lead')} due${share(sales.rate, change.attainment)}`;
  const median = medianHours === null ? '' : ` Median time to qualify: ${medianHours} hours.`;
  return [
    `Sales, ${week(subject, sales)}: ${kept}; now ${figures.overdue} overdue and ${figures.pending} not yet due.`,
    ...(marketing === null
      ? []
      : [
          `Marketing, ${window(subject, marketing, change.delivered)}: ${marketing.kept ? 'kept' : 'missed'}.`,
        ]),
    `Conversion in the week (SQL ÷ MQL entries): ${conversion.sql} of ${conversion.mql}${share(conversion.rate, change.conversion)}.${median}`,
  ];
}

function overdueLines(notice: Extract<Notice, { event: 'newly_overdue' }>): string[] {
  const listed = notice.contacts.slice(0, LISTED).map((pass) => {
    const link = contactLink(notice.portalId, pass.contactId);
    const name = `contact ${escaped(pass.contactId)}`;
    return `• ${link === null ? name : `<${link}|${name}>`}: ${escaped(pass.rule)}, due ${instant(notice, pass.dueAt)}`;
  });
  const more = notice.total - listed.length;
  return more > 0 ? [...listed, `… and ${more} more.`] : listed;
}

function window(
  subject: Subject,
  { from, to, delivered, fit, quota }: DeliveryWindow,
  change: number | null = null,
): string {
  const compared = change === null ? '' : ` (${signed(change)} on the window before)`;
  const good = fit === null ? '' : `, ${fit} of them a good fit`;
  return `${instant(subject, from)} to ${instant(subject, to)}: ${delivered} of ${count(quota, 'lead')} delivered${compared}${good}`;
}

function week(subject: Subject, { from }: { readonly from: number }): string {
  return `week of ${inZone(subject, { dateStyle: 'medium' }).format(from)}`;
}

function instant(subject: Subject, at: number): string {
  return inZone(subject, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

function inZone({ timeZone }: Subject, style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', { ...style, timeZone });
}

function share(rate: number | null, change: number | null): string {
  if (rate === null) return '';
  const compared = change === null ? '' : `, ${signed(change * 100, 1)} points on the week before`;
  return ` (${(rate * 100).toFixed(1)}%${compared})`;
}

function signed(change: number, decimals = 0): string {
  const size = Math.abs(change).toFixed(decimals);
  if (Number(size) === 0) return `±${size}`;
  return `${change > 0 ? '+' : '−'}${size}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** The three characters that Slack gives a meaning. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
