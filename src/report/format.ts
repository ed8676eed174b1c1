/** Figures as people read them. Every format of the report says a number the same way. */
import { SMALL } from '../domain/scorecard/document.ts';

/** What stands where there is nothing to show. */
export const NOTHING = '–';

/** A fraction as a percentage with one decimal. */
export function percent(fraction: number | null): string {
  return fraction === null ? NOTHING : `${(fraction * 100).toFixed(1)} %`;
}

/** A whole number with thin thousands, or any other as it is. */
export function count(value: number | null): string {
  return value === null ? NOTHING : value.toLocaleString('en-US').replaceAll(',', '\u202f');
}

/** Hours, in days from three days on. */
export function duration(hours: number | null): string {
  if (hours === null) return NOTHING;
  return hours < 72 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} d`;
}

/** Did a promise hold? Null: not known yet. */
export function verdict(kept: boolean | null): string {
  if (kept === null) return 'not yet';
  return kept ? 'kept' : 'missed';
}

/** A multiple such as a pace. */
export function times(value: number | null): string {
  return value === null ? NOTHING : `${value.toFixed(2)}×`;
}

/** Is this too few to say much by a rate? */
export function isSmall(n: number): boolean {
  return n > 0 && n < SMALL;
}

/** Dates and times of an ISO instant in a zone: `9 Mar`, and `Wed 11 Mar 2026, 12:00`. */
export interface Dates {
  day(iso: string): string;
  moment(iso: string): string;
}

/** Formatters are costly to make: one pair for a whole report. */
export function datesIn(timeZone: string): Dates {
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short' });
  const moment = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const),
    ...({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const),
  });
  return {
    day: (iso) => day.format(Date.parse(iso)),
    moment: (iso) => moment.format(Date.parse(iso)).replace(',', ''),
  };
}

/** How long before the report date an instant was, as people say it. */
export function ago(from: number, asOf: number): string {
  return duration((asOf - from) / 3_600_000);
}
