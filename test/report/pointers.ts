/** The figures of a page as its markup carries them, and what stands at their place in the document. */

export interface PageFigure {
  readonly pointer: string;
  readonly value: unknown;
}

/** Every figure of a page, in its order. */
export function pageFigures(page: string): readonly PageFigure[] {
  return [...page.matchAll(/data-pointer="([^"]*)" data-value="([^"]*)"/g)].map(
    ([, pointer = '', value = '']) => ({
      pointer: unescaped(pointer),
      value: JSON.parse(value),
    }),
  );
}

/** What a JSON pointer leads to; undefined: nothing. */
export function at(document: unknown, pointer: string): unknown {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | undefined)?.[step],
    document,
  );
}

/** Pointers of every number, boolean and null of a document. */
export function leaves(document: unknown, pointer = ''): readonly string[] {
  if (typeof document === 'string') return [];
  if (typeof document !== 'object' || document === null) return [pointer];
  return Object.entries(document).flatMap(([key, value]) =>
    leaves(value, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}

function unescaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => entities[name] as string);
}
