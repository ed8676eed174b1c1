#!/usr/bin/env node
// Starts handoff under a Node that runs TypeScript as it is. Plain JavaScript, so that an old Node can read it:
// it then hands over to the Node that `npm ci` installed beside the project.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NEEDED = 26;
const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, 'main.ts');

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  await import('./main.ts');
} else {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const own = join(here, '..', '..', 'node_modules', '.bin', name);
  if (existsSync(own)) {
    runUnder(own);
  } else {
    process.stderr.write(
      `handoff needs Node ${NEEDED} or newer; this is ${process.versions.node}, and the project's own is not installed.\n` +
        'Run `npm ci` in the project folder (without --omit=optional), or install a newer Node.\n',
    );
    process.exitCode = 2;
  }
}

function runUnder(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends Ctrl-C to the child as well; a process manager only to us.
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
}
