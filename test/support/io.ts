import type { ExitCode, Io } from '../../src/cli/io.ts';

/** A command's outside, recorded. */
export interface RecordedIo extends Io {
  /** What went to standard output, and to standard error. */
  readonly text: { out: string; err: string };
  code(): ExitCode;
  stop(): void;
}

/** An Io that records; `columns` null: no terminal. */
export function recordIo(columns: number | null = null): RecordedIo {
  const text = { out: '', err: '' };
  const controller = new AbortController();
  let code: ExitCode = 0;
  return {
    text,
    out: (part) => {
      text.out += part;
    },
    err: (part) => {
      text.err += part;
    },
    columns,
    color: false,
    signal: controller.signal,
    exit(next) {
      if (next > code) code = next;
    },
    code: () => code,
    stop: () => controller.abort(),
  };
}
