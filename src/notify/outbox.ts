/**
 * What is remembered about notices, as one JSON text in the store: the state told, and the notices that some target
 * has not taken yet. One text, so that a change of state and its notices are remembered together or not at all.
 */
import { createHash } from 'node:crypto';
import type { NoticeTarget } from '../config/types.ts';
import { NOTHING_TOLD, type Notice, type NoticeState } from './notices.ts';

/** Notices kept; beyond, the oldest goes. */
const KEPT_NOTICES = 100;
/** An older notice is no news. */
const KEPT_MS = 3 * 24 * 3_600_000;
/** Ids remembered so that a notice handed in twice is sent once. */
const KEPT_IDS = 200;

/** A notice and the keys of the targets that still wait for it. */
export interface Waiting {
  readonly notice: Notice;
  readonly targets: readonly string[];
  /** Until when (epoch ms) nobody else is to try these targets: a process is at it, or the target asked for a rest. */
  readonly claims?: Readonly<Record<string, number>>;
}

/** Everything remembered for one portal. */
export interface NoticeMemory {
  readonly version: 1;
  readonly state: NoticeState;
  readonly waiting: readonly Waiting[];
  /** Ids of the notices taken in, latest last. */
  readonly taken: readonly string[];
}

/** What `readMemory` gives before anything was remembered. */
const EMPTY: NoticeMemory = { version: 1, state: NOTHING_TOLD, waiting: [], taken: [] };

/** Names a target without giving its address away. */
export function targetKey(target: NoticeTarget): string {
  return createHash('sha256').update(`${target.format} ${target.url}`).digest('hex').slice(0, 16);
}

/** Reads the stored text; one of another version counts as nothing remembered. */
export function readMemory(text: string | null): NoticeMemory {
  if (text === null) return EMPTY;
  const memory: NoticeMemory = JSON.parse(text);
  return memory.version === EMPTY.version ? memory : EMPTY;
}

/** Takes notices in, each for the targets that want its event; those taken in before are left out. */
export function takeIn(
  memory: NoticeMemory,
  notices: readonly Notice[],
  targets: readonly NoticeTarget[],
): NoticeMemory {
  const known = new Set(memory.taken);
  const fresh = notices.filter((notice) => !known.has(notice.id));
  const waiting = fresh.map((notice) => ({
    notice,
    targets: [...new Set(targets.filter((target) => target.on.includes(notice.event)).map(targetKey))],
  }));
  return {
    ...memory,
    waiting: [...memory.waiting, ...waiting.filter((one) => one.targets.length > 0)],
    taken: [...memory.taken, ...fresh.map((notice) => notice.id)].slice(-KEPT_IDS),
  };
}

/** Drops what is too old, too much, or for targets that are configured no longer. `dropped` counts notices. */
export function tidy(
  memory: NoticeMemory,
  targets: readonly NoticeTarget[],
  now: number,
): { readonly memory: NoticeMemory; readonly dropped: number } {
  const keys = new Set(targets.map(targetKey));
  const waiting = memory.waiting
    .map((one) => ({ ...one, targets: one.targets.filter((key) => keys.has(key)) }))
    .filter(({ notice, targets: open }) => open.length > 0 && notice.at > now - KEPT_MS)
    .slice(-KEPT_NOTICES);
  return { memory: { ...memory, waiting }, dropped: memory.waiting.length - waiting.length };
}

/** A target needs this notice no longer. */
export function settle(memory: NoticeMemory, id: string, key: string): NoticeMemory {
  const waiting = memory.waiting
    .map((one) =>
      one.notice.id === id ? { ...one, targets: one.targets.filter((open) => open !== key) } : one,
    )
    .filter((one) => one.targets.length > 0);
  return { ...memory, waiting };
}

/** The oldest notice a target still waits for; null when there is none, or when it is claimed and that has not run out. */
export function nextFor(memory: NoticeMemory, key: string, now: number): Notice | null {
  const next = memory.waiting.find((one) => one.targets.includes(key));
  return next === undefined || (next.claims?.[key] ?? 0) > now ? null : next.notice;
}

/** Claims a notice for a target until then (epoch ms), in place of what claim there was. */
export function claim(memory: NoticeMemory, id: string, key: string, until: number): NoticeMemory {
  const waiting = memory.waiting.map((one) =>
    one.notice.id === id ? { ...one, claims: { ...one.claims, [key]: until } } : one,
  );
  return { ...memory, waiting };
}

/** Gives a claim back, or keeps it on for a rest until then; the claim of somebody who took over stays. */
export function giveBack(
  memory: NoticeMemory,
  id: string,
  key: string,
  claimedUntil: number,
  restUntil: number,
): NoticeMemory {
  const mine = memory.waiting.some((one) => one.notice.id === id && one.claims?.[key] === claimedUntil);
  return mine ? claim(memory, id, key, restUntil) : memory;
}
