/** The configuration file → a checked, frozen object, or one message with every fault in it. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import { contradictions } from './contradictions.ts';
import { readDocument } from './document.ts';
import { type Fault, faultOf, zodFaults } from './faults.ts';
import { configSchema } from './schema.ts';
import type { Config, Environment, PortalConfig } from './types.ts';
import { fillIn } from './variables.ts';

type Checked = z.output<typeof configSchema>;

/**
 * Reads and checks a file. Throws ConfigurationError naming every fault by line and key; of a file that cannot be read it
 * names the `option` that names another.
 */
export function loadConfig(
  file: string,
  environment: Pick<Environment, 'variable'>,
  option = '--config',
): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new ConfigurationError(
      `${file}: ${reason}. Name another with ${option}; config/handoff.yaml of the project is a complete example.`,
      { cause },
    );
  }
  return parseConfig(text, file, environment);
}

/** The same for a text; `file` stands in messages. */
export function parseConfig(text: string, file: string, environment: Pick<Environment, 'variable'>): Config {
  const fail = (faults: readonly Fault[]): never => {
    throw new ConfigurationError(faultText(file, faults));
  };
  const document = readDocument(text);
  if (!('raw' in document)) return fail(document.map((fault) => ({ key: '', ...fault })));
  const { raw, placeOf } = document;
  if (raw === null) return fail([{ line: 1, key: '', message: 'is empty; it needs at least `portals:`' }]);
  const filled = fillIn(raw, environment.variable);
  const checked = configSchema.safeParse(filled.value, { reportInput: true });
  const known = [...filled.faults, ...contradictions(filled.value)];
  const faults = [
    ...known.map(({ path, message }) => faultOf(path, message, placeOf)),
    ...(checked.success ? [] : zodFaults(checked.error, filled.faults, placeOf)),
  ];
  if (faults.length > 0 || !checked.success) return fail(faults);
  return freeze(toConfig(checked.data, file, filled.leftOut));
}

function faultText(file: string, faults: readonly Fault[]): string {
  const sorted = faults.toSorted((a, b) => a.line - b.line);
  const lines = sorted.map(
    ({ line, key, message }) => `  ${file}:${line}  ${key === '' ? '' : `${key} `}${message}`,
  );
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  return `${file} has ${count}:\n${lines.join('\n')}`;
}

function toConfig({ portals }: Checked, file: string, leftOut: ReadonlyMap<string, string>): Config {
  return {
    file,
    portals: Object.entries(portals).map(([name, portal]) => {
      const notify = portal.notify.filter((_, at) => !leftOut.has(`${name}.${at}`));
      return toPortal(name, { ...portal, notify });
    }),
    warnings: [...leftOut.values()].map((warning) => `${file}: ${warning}`),
  };
}

function toPortal(name: string, portal: Checked['portals'][string]): PortalConfig {
  const { retired, ...assigned } = portal.stages;
  const { calendar, marketing, schedule } = portal;
  return {
    name,
    token: portal.token,
    stages: { assigned, retired },
    clearGraceMs: portal.clearGrace,
    calendar: {
      ...(calendar.timeZone === undefined ? {} : { timeZone: calendar.timeZone }),
      week: calendar.hours,
      holidays: [...new Set(calendar.holidays)].sort(),
    },
    ...(portal.since === undefined ? {} : { since: portal.since }),
    sales: portal.sales,
    ...(marketing === undefined ? {} : { marketing: withoutUndefined(marketing) }),
    write: portal.write,
    budget: portal.budget,
    apiVersion: portal.apiVersion,
    schedule: { pollMs: schedule.poll, full: schedule.full, scorecard: schedule.scorecard },
    notify: portal.notify,
  };
}

function withoutUndefined({ fit, ...promise }: NonNullable<Checked['portals'][string]['marketing']>) {
  return fit === undefined ? promise : { ...promise, fit };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
