/** `${NAME}` in the configuration: values from the environment, so that no secret stands in a file. */

/** A key by its parts. */
export type Path = readonly (string | number)[];

/** A configuration with its variables filled in. Messages name variables, never values. */
export interface Filled {
  readonly value: unknown;
  readonly faults: readonly { readonly path: Path; readonly message: string }[];
  /** Notice targets to leave out, each as `portal.index`, with the warning for people. */
  readonly leftOut: ReadonlyMap<string, string>;
}

const VARIABLE = /\$\{([^}]*)\}/g;
/** Stands for an address that is not known while the rest of its target is checked. */
const NOWHERE = 'https://left-out.invalid';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SLACK_WEBHOOK = /^https:\/\/hooks\.slack\.com\/.*[^/}]$/;
const WHOLE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

/**
 * Fills variables in everywhere. An unset one is a fault, except in the address of a notice target, which is then left
 * out with a warning. A token or a Slack address written out is refused.
 */
export function fillIn(raw: unknown, variable: (name: string) => string | undefined): Filled {
  const faults: { path: Path; message: string }[] = [];
  const leftOut = new Map<string, string>();

  function fillText(text: string, path: Path): string {
    return text.replaceAll(VARIABLE, (written, name: string) => {
      const value = NAME.test(name) ? variable(name) : undefined;
      if (value !== undefined) return value;
      const message = NAME.test(name)
        ? `takes its value from the environment, where ${name} is not set; set it there or in .env`
        : `names the variable ${written}; names are letters, digits and underscores`;
      faults.push({ path, message });
      return written;
    });
  }

  function fill(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return fillString(value, path);
    if (Array.isArray(value)) return value.map((item, at) => fill(item, [...path, at]));
    if (typeof value !== 'object' || value === null) return value;
    // zod passes over this name without a word.
    if (Object.hasOwn(value, '__proto__')) {
      faults.push({ path: [...path, '__proto__'], message: 'cannot be a name' });
    }
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fill(part, [...path, key])]));
  }

  function fillString(text: string, path: Path): string {
    if (!isSecret(path)) return fillText(text, path);
    const name = WHOLE.test(text.trim()) ? text.trim().slice(2, -1) : null;
    if (path.at(-1) !== 'url' || name === null || variable(name) !== undefined) return fillSecret(text, path);
    const [, portal, , at] = path;
    const warning = `portals.${portal}.notify[${at}] is left out: ${name} is not set in the environment`;
    leftOut.set(`${portal}.${at}`, warning);
    return NOWHERE;
  }

  function fillSecret(text: string, path: Path): string {
    const written = path.at(-1) === 'token' ? !WHOLE.test(text.trim()) : SLACK_WEBHOOK.test(text);
    if (!written) return fillText(text.trim(), path);
    const what = path.at(-1) === 'token' ? 'a token' : "Slack's address with its secret";
    faults.push({
      path,
      message: `is ${what} written out; put it in the environment or .env and write \${NAME} here`,
    });
    return text;
  }

  return { value: fill(raw, []), faults, leftOut };
}

/** `portals.NAME.token` and the addresses of notice targets. */
export function isSecret(path: Path): boolean {
  if (path[0] !== 'portals') return false;
  return (path.length === 3 && path[2] === 'token') || (path[2] === 'notify' && path.at(-1) === 'url');
}
