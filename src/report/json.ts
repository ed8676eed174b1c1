import type { Scorecard } from '../domain/scorecard/document.ts';

/** The scorecard as one JSON document, ending in a newline. */
export function renderJson(scorecard: Scorecard): string {
  return `${JSON.stringify(scorecard, null, 2)}\n`;
}
