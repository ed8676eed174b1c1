/** What the blocks of a scorecard have in common: rows go in one after the other, the block comes out at the end. */
import type { Pass, PassRow } from '../types.ts';

/** Gathers rows into one block. */
export interface Part<Block> {
  /** `pass` is the row's as it stood at the report date. */
  add(pass: Pass, row: PassRow): void;
  block(): Block;
}

/** A pass as it stood at an instant: what was decided later was open then. */
export function passAsOf(pass: Pass, asOf: number): Pass {
  if (pass.decidedAt === null || pass.decidedAt <= asOf) return pass;
  const undecided = { decidedAt: null, outcome: 'open', businessMs: null } as const;
  return { ...pass, ...undecided, impliedSql: false, instant: false, cleared: false };
}
