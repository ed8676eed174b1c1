import process from 'node:process';
import { runCli } from './program.ts';

/** How long open sockets are waited for after the command is done, ms. */
const LAST_MOMENT_MS = 2_000;

const stop = new AbortController();
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    signals += 1;
    if (signals > 1) process.exit(130);
    stop.abort(signal);
  });
}
// A reader that has seen enough (`handoff report | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

let exitCode = 0;
await runCli(process.argv, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  columns: process.stderr.isTTY ? process.stderr.columns : null,
  color: process.stdout.isTTY === true && process.stdout.hasColors(),
  signal: stop.signal,
  exit(code) {
    exitCode = Math.max(exitCode, code);
  },
});
process.exitCode = exitCode;

// The SDK cannot end a call that hangs; its socket must not keep a command that is done.
setTimeout(() => process.exit(), LAST_MOMENT_MS).unref();
