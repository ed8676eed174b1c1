import { CommanderError } from 'commander';
import { InterruptedError } from '../app/sync.ts';
import { isHandoffError } from '../errors.ts';
import type { ExitCode } from './io.ts';

/** What a failure comes to: for people, for programs, and for the shell. */
export interface Failed {
  readonly exitCode: ExitCode;
  /** Null: it has been said already. */
  readonly text: string | null;
  /** Under `error` in a JSON document. */
  readonly error: { readonly code: string; readonly message: string };
}

/** Puts a failure into words. `stopped`: the command was told to stop, so whatever broke, broke for that. */
export function failureOf(error: unknown, stopped: boolean): Failed {
  if (error instanceof CommanderError) {
    const { exitCode, message } = error;
    return { exitCode: exitCode === 0 ? 0 : 2, text: null, error: { code: 'usage', message } };
  }
  if (error instanceof InterruptedError || stopped) {
    const text = 'Stopped. Nothing is lost: the next sync goes on where this one was.';
    return { exitCode: 130, text, error: { code: 'interrupted', message: 'stopped before the end' } };
  }
  if (isHandoffError(error)) {
    const { exitCode, code, message } = error;
    return { exitCode, text: message, error: { code, message } };
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: 3, text: `Unexpected: ${trace}`, error: { code: 'internal', message: 'unexpected' } };
}
