/** Tables, bars and colours for a terminal. */

/** How text is set off on a terminal. */
export type Style = 'bold' | 'dim' | 'good' | 'bad';
/** One cell of a table: text, plain or in a style. */
export type Cell = string | { readonly text: string; readonly style: Style };

const CODES: Readonly<Record<Style, string>> = { bold: '1', dim: '2', good: '32', bad: '31' };

/** Paints text where colours are wanted. */
export type Painter = (text: string, style: Style) => string;

/** A painter in ANSI colours; without `color` it leaves text as it is. */
export function painter(color: boolean): Painter {
  return (text, style) => (color ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
}

/** Lines with columns two spaces apart. `left` names the columns that are not numbers; the first row is the head. */
export function columns(
  rows: readonly (readonly Cell[])[],
  left: readonly number[],
  paint: Painter,
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, textOf(cell).length);
    });
  }
  return rows.map((row, index) => {
    const cells = row.map((cell, at) => {
      const text = textOf(cell);
      const width = widths[at] ?? 0;
      const padded = left.includes(at) ? text.padEnd(width) : text.padStart(width);
      const style = index === 0 ? 'dim' : typeof cell === 'string' ? null : cell.style;
      return style === null ? padded : paint(padded, style);
    });
    return `  ${cells.join('  ')}`.trimEnd();
  });
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** A bar of `width` characters, filled to a share (more than 1 is full); empty without one. */
export function bar(share: number | null, width: number): string {
  if (share === null) return ''.padEnd(width);
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const partial = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] as string;
  return ('█'.repeat(Math.floor(eighths / 8)) + partial).padEnd(width, '░');
}

/** One character per value, from low to high; a dot where there is none. `max` is what a full block stands for. */
export function sparkline(values: readonly (number | null)[], max: number): string {
  return values
    .map((value) =>
      value === null || max <= 0 ? '·' : '▁▂▃▄▅▆▇█'[Math.min(7, Math.floor((value / max) * 8))],
    )
    .join('');
}
