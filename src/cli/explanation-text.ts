import type { ExplainedContact } from '../app/explain.ts';
import { table } from './table.ts';

/** Lays an explanation out for the terminal. */
export function explanationText(contact: ExplainedContact): string {
  const merged = contact.mergedFrom === null ? '' : ` (contact ${contact.mergedFrom} was merged into it)`;
  const parts = [
    `contact ${contact.id}${merged}, as of ${contact.now}\nstatus: ${contact.status ?? 'none: never handed over, so nothing is written'}`,
    `Stage history, oldest first (times in ${contact.timeZone})\n${historyText(contact)}`,
    ...contact.passes.map(passText),
    `Properties\n${valuesText(contact)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function historyText({ history, truncated }: ExplainedContact): string {
  if (history.length === 0) return '  HubSpot gives no history of the lifecycle stage';
  const rows = history.map((row) => [
    row.use === 'used' ? '  ✓' : '  ·',
    row.when,
    row.value === '' ? '(cleared)' : row.value,
    row.sourceType,
    row.why,
  ]);
  const older = truncated ? '  (older entries are missing: HubSpot keeps 45)\n' : '';
  return older + table(rows);
}

function passText({ number, story, clock, promise }: ExplainedContact['passes'][number]): string {
  const lines = [`Pass ${number}`, ...story.map((sentence) => `  ${sentence}`)];
  if (clock.length > 0) lines.push('  time to qualify', clockText(clock));
  if (promise.length > 0) lines.push('  promise', clockText(promise));
  return lines.join('\n');
}

function clockText(lines: ExplainedContact['passes'][number]['clock']): string {
  return table(lines.map(({ label, detail }) => [`    ${label}`, detail]));
}

function valuesText({ values }: ExplainedContact): string {
  return table(
    values.map(({ name, value, inHubSpot, differs, origin }) => [
      `  ${name}`,
      value === '' ? '(blank)' : value,
      differs ? `HubSpot has ${inHubSpot === '' ? '(blank)' : inHubSpot}; ${origin}` : origin,
    ]),
  );
}
