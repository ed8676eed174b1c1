/** What every refusal has in common. */
import { expect } from 'vitest';
import type { Simulator } from '../../src/simulator/types.ts';

/** Where a command was refused, and what may not be seen of it. */
export interface Ending {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** One message for people: this code, these words, no stack, no token. */
export function expectRefusal(ended: Ending, code: number, says: RegExp, secrets: readonly string[]): void {
  expect(ended.err).toMatch(says);
  expect(ended.code).toBe(code);
  expect(ended.err).not.toMatch(/^Unexpected|\n {4}at /m);
  for (const secret of secrets) expect(ended.out + ended.err).not.toContain(secret);
}

/** No value of ours stands on any contact. */
export function expectUntouched(simulator: Simulator): void {
  const ours = [...simulator.portal.contacts.values()].flatMap(({ values }) => Object.keys(values));
  expect(ours.filter((name) => name.startsWith('handoff_'))).toEqual([]);
}
