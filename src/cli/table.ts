/** Lines up columns with two spaces between; numbers (by `right`) to the right. Trailing spaces are cut. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, at) =>
          right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const SHOWN_FAILURES = 20;

/** The first contacts that could not be worked on, with reasons, under a headline. */
export function failedText(failed: readonly { readonly id: string; readonly reason: string }[]): string {
  const shown = failed.slice(0, SHOWN_FAILURES).map(({ id, reason }) => [`  ${id}`, reason]);
  const rest =
    failed.length > SHOWN_FAILURES ? [`  … and ${failed.length - SHOWN_FAILURES} more (see --json)`] : [];
  return ['Not synced:', table(shown), ...rest].join('\n');
}
