/** `${NAME}` in the configuration: values from the environment, so that no secret stands in a file. */

/** A key by its parts. */
export type Path = readonly (string | number)[];

/** A configuration with its variables filled in. Messages name variables, never values. */
export interface Filled {
  readonly value: unknown;
  readonly faults: readonly { readonly path: Path; readonly message: string }[];
  readonly warnings: readonly string[];
}

const VARIABLE = /\$\{([^}]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SLACK_WEBHOOK = /^https:\/\/hooks\.slack\.com\/.*[^/}]$/;
const WHOLE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

/**
 * Fills variables in everywhere. An unset one is a fault, except in the address of a notice target, which is then left
 * out with a warning. A token or a Slack address written out is refused.
 */
export function fillIn(raw: unknown, variable: (name: string) => string | undefined): Filled {
  const faults: { path: Path; message: string }[] = [];
  const warnings: string[] = [];

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
    if (typeof value === 'string') return isSecret(path) ? fillSecret(value, path) : fillText(value, path);
    if (Array.isArray(value)) {
      return value.flatMap((item, at) =>
        isUnsetTarget(item, [...path, at]) ? [] : [fill(item, [...path, at])],
      );
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fill(part, [...path, key])]));
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

  function isUnsetTarget(item: unknown, path: Path): boolean {
    if (path.at(-2) !== 'notify' || typeof item !== 'object' || item === null) return false;
    const { url } = item as { url?: unknown };
    const name = typeof url === 'string' && WHOLE.test(url.trim()) ? url.trim().slice(2, -1) : null;
    if (name === null || variable(name) !== undefined) return false;
    warnings.push(
      `${path.slice(0, -1).join('.')}[${path.at(-1)}] is left out: ${name} is not set in the environment`,
    );
    return true;
  }

  return { value: fill(raw, []), faults, warnings };
}

/** `portals.NAME.token` and the addresses of notice targets. */
export function isSecret(path: Path): boolean {
  if (path[0] !== 'portals') return false;
  return (path.length === 3 && path[2] === 'token') || (path[2] === 'notify' && path.at(-1) === 'url');
}
