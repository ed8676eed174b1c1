/** HTML that cannot be broken out of: everything put into a template is escaped, unless it is markup already. */

/** HTML that is safe to put into a page as it is. Only `html` and `trusted` make it. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | readonly Part[];

/** Tag for templates: escapes strings and numbers, takes markup and lists of it as they are. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return {
    markup: strings.map((string, at) => string + (at < parts.length ? show(parts[at] as Part) : '')).join(''),
  };
}

/** Text that is known to be markup: our own style sheet, a chart. */
export function trusted(markup: string): Markup {
  return { markup };
}

/** Nothing, where a template has a part to leave out. */
export const EMPTY: Markup = { markup: '' };

function show(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'markup' in part ? part.markup : part.map(show).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/**
 * A figure of the scorecard for people, carrying its exact value (as JSON) and where it stands in the document (a JSON
 * pointer, RFC 6901).
 */
export function figure<T extends number | boolean | null>(
  pointer: string,
  value: T,
  format: (value: T) => string,
): Markup {
  return html`<span data-pointer="${pointer}" data-value="${JSON.stringify(value)}">${format(value)}</span>`;
}

/** One step of a JSON pointer. */
export function pointerStep(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** `text`: columns that are no numbers, besides the first. `onPaper`: how many rows are printed; left out: all. */
export interface TableOptions {
  readonly text?: readonly number[];
  readonly onPaper?: number;
}

/** A table that scrolls by itself where it is too wide; the first cell of each row is its head. */
export function dataTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (Markup | string)[])[],
  { text = [], onPaper = rows.length }: TableOptions = {},
): Markup {
  const align = (at: number) => (text.includes(at) ? trusted(' class="text"') : EMPTY);
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head.map((title, at) => html`<th scope="col"${align(at)}>${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...rest], index) =>
      html`<tr${trusted(index < onPaper ? '' : ' class="screen"')}><th scope="row">${first}</th>${rest.map(
        (cell, at) => html`<td${align(at + 1)}>${cell}</td>`,
      )}</tr>\n`,
  )}</tbody>
</table></div>`;
}
