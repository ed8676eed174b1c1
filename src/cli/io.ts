/** What a command may do to the outside: print, and notice that it is to stop. */
export interface Io {
  /** Standard output: the result. */
  out(text: string): void;
  /** Standard error: progress and remarks. */
  err(text: string): void;
  /** Is standard error a terminal, and how wide? Null: no terminal. */
  readonly columns: number | null;
  /** May the result use colour? */
  readonly color: boolean;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** The exit code to leave with; the highest wins. */
  exit(code: ExitCode): void;
}

/** Exit codes, as the README lists them. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Options that every command on a configuration takes. */
export interface CommonOptions {
  readonly config: string;
  readonly portal?: string;
  readonly json?: boolean;
}

/** One JSON document and nothing else. */
export function printJson(io: Io, document: unknown): void {
  io.out(`${JSON.stringify(document, null, 2)}\n`);
}
