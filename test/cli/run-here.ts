import { vi } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { recordIo } from '../support/io.ts';

/** What a command left behind when it ended. */
export interface EndedHere {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, under these variables and no others of handoff's own. */
export async function runHere(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<EndedHere> {
  const own = ['HUBSPOT_BASE_URL', 'REDIS_URL', 'DATABASE_URL', 'HANDOFF_DATA_DIR', 'HUBSPOT_ACCESS_TOKEN'];
  for (const name of own) vi.stubEnv(name, variables[name] ?? '');
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const io = recordIo();
  try {
    await runCli(['node', 'handoff', ...args], io);
  } finally {
    vi.unstubAllEnvs();
  }
  return { code: io.code(), ...io.text };
}
