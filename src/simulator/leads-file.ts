/** Reading CSV files with leads, and saying what is wrong with them: all faults in one message. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { ConfigurationError } from '../errors.ts';
import type { Entry } from './types.ts';

/** So many faults are told one by one. */
const TOLD = 20;
/** So much of a value found is quoted. */
const QUOTED = 40;

/** One row of a file, its cells by column. */
export interface Row {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** A file as read: its columns in lower case, and its rows below the header. */
export interface LeadsFile {
  readonly path: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** A contact as files tell of it. */
export interface Lead {
  readonly key: string;
  readonly stages: Pick<Entry, 'value' | 'timestamp' | 'sourceType'>[];
  readonly properties: Record<string, string>;
}

/** Collects what is wrong, and throws it at the end. */
export class Findings {
  readonly #told: string[] = [];
  #count = 0;

  add(file: string, line: number, column: string, found: string, allowed: string): void {
    this.#count += 1;
    if (this.#told.length >= TOLD) return;
    const quoted = found.length > QUOTED ? `${found.slice(0, QUOTED)}…` : found;
    this.#told.push(`${file}, line ${line}, ${column}: found "${quoted}"; allowed: ${allowed}`);
  }

  /** Throws ConfigurationError when anything was found. */
  check(): void {
    if (this.#count === 0) return;
    const more = this.#count > this.#told.length ? [`… and ${this.#count - this.#told.length} more`] : [];
    throw new ConfigurationError(
      ['The leads cannot be used as they are; mend these rows and try again:', ...this.#told, ...more].join(
        '\n  ',
      ),
    );
  }
}

/** Reads files, and all `*.csv` of folders. Throws ConfigurationError for what cannot be read as CSV at all. */
export function readLeadsFiles(places: readonly string[], findings: Findings): LeadsFile[] {
  return places.flatMap(csvPaths).map((path) => readFile(path, findings));
}

function csvPaths(place: string): string[] {
  try {
    if (!statSync(place).isDirectory()) return [place];
    const names = readdirSync(place).filter((name) => name.toLowerCase().endsWith('.csv'));
    if (names.length > 0) return names.sort().map((name) => join(place, name));
  } catch (cause) {
    throw new ConfigurationError(`--leads ${place}: no such file or folder, or it may not be read`, {
      cause,
    });
  }
  throw new ConfigurationError(`--leads ${place}: the folder has no .csv file; name the files themselves`);
}

function readFile(path: string, findings: Findings): LeadsFile {
  const records = parseRecords(path);
  const columns = (records[0]?.record ?? []).map((name) => name.toLowerCase());
  if (columns.length === 0) {
    throw new ConfigurationError(
      `${path} is empty; its first line must be id,stage,entered_at[,source_type][,properties …]`,
    );
  }
  const rows: Row[] = [];
  for (const { record, info } of records.slice(1)) {
    if (record.length !== columns.length) {
      findings.add(
        path,
        info.lines,
        'whole row',
        `${record.length} cells`,
        `${columns.length}, as in the header`,
      );
      continue;
    }
    rows.push({
      line: info.lines,
      cells: Object.fromEntries(columns.map((name, i) => [name, record[i] ?? ''])),
    });
  }
  return { path, columns, rows };
}

function parseRecords(path: string): { record: string[]; info: { lines: number } }[] {
  try {
    return parse<{ record: string[]; info: { lines: number } }>(readFileSync(path), {
      ...{ bom: true, info: true, trim: true, columns: false },
      ...{ relax_column_count: true, skip_empty_lines: true },
    } as never);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`${path} cannot be read as CSV: ${reason}`, { cause });
  }
}

/**
 * An instant as leads files may write it: epoch ms, ISO 8601 with a zone, or without one in UTC (a blank may stand for the
 * T); a date alone is midnight UTC. Null: none of these.
 */
export function leadInstant(text: string): number | null {
  if (/^\d{10,15}$/.test(text)) return Number(text);
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(
    text,
  );
  if (parts === null) return null;
  const [, day = '', time = '00:00', zone = 'Z'] = parts;
  const ms = Date.parse(`${day}T${time}${zone}`);
  // Date.parse turns 31 June into 1 July.
  const exists = new Date(`${day}T00:00Z`).toJSON()?.startsWith(day) === true;
  return Number.isNaN(ms) || !exists ? null : ms;
}

/** What `leadInstant` takes, for messages. */
export const INSTANTS = '2026-03-30T09:15:00Z, 2026-03-30 09:15 (UTC), 2026-03-30 (midnight UTC) or epoch ms';
