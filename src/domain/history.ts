/** A stage history as HubSpot gives it → the steps that count, and why the other entries do not. */
import type { Contact, HistoryEntry, PreparedHistory, RowUse, Rules, Step } from './types.ts';

/** Values of one property that HubSpot keeps for a contact (knowledge.hubspot.com, "Export property history"). */
export const ENTRIES_KEPT = 45;

/** Clocks differ a little: entries dated up to this far after now count, ms. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * Prepares a history in the order of the definitions: sort, drop repeats, ignore the future, skip stages without a
 * role, judge clears, merge equal neighbours. `now` in ms.
 */
export function prepareHistory(
  history: readonly HistoryEntry[],
  rules: Pick<Rules, 'roles' | 'clearGraceMs'>,
  now: number,
): PreparedHistory {
  const entries = oldestFirst(history);
  const uses = entries.map((entry, index): RowUse => {
    if (isRepeat(entries, index)) return 'repeat';
    if (entry.timestamp > now + CLOCK_TOLERANCE_MS) return 'future';
    return entry.value === '' || rules.roles.has(entry.value) ? 'used' : 'unmapped';
  });
  judgeClears(entries, uses, rules.clearGraceMs, now);
  const steps = takeSteps(entries, uses, rules.roles);
  return {
    steps,
    rows: entries.map((entry, index) => ({ entry, use: uses[index]! })),
    flags: new Set((['future', 'unmapped'] as const).filter((flag) => uses.includes(flag))),
    changesAt: nextChange(entries, uses, rules.clearGraceMs),
  };
}

/** By time; entries of one instant in the reverse of the order given, which is newest first. */
function oldestFirst(history: readonly HistoryEntry[]): HistoryEntry[] {
  return history.toReversed().sort((a, b) => a.timestamp - b.timestamp);
}

function isRepeat(entries: readonly HistoryEntry[], index: number): boolean {
  const { value, timestamp } = entries[index]!;
  for (let before = index - 1; entries[before]?.timestamp === timestamp; before -= 1) {
    if (entries[before]!.value === value) return true;
  }
  return false;
}

/** Each clear is judged by the stage that follows it, or by its age when none does. Changes `uses` in place. */
function judgeClears(entries: readonly HistoryEntry[], uses: RowUse[], graceMs: number, now: number): void {
  let stageAt: number | null = null;
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const { value, timestamp } = entries[index]!;
    if (uses[index] !== 'used') continue;
    if (value !== '') stageAt = timestamp;
    else if (stageAt === null) uses[index] = now - timestamp < graceMs ? 'clear_pending' : 'used';
    else if (stageAt - timestamp <= graceMs) uses[index] = 'clear_dropped';
  }
}

/** Merges equal neighbours, keeping the first. Changes `uses` in place. */
function takeSteps(entries: readonly HistoryEntry[], uses: RowUse[], roles: Rules['roles']): Step[] {
  const steps: Step[] = [];
  for (const [index, { value, timestamp, sourceType }] of entries.entries()) {
    if (uses[index] !== 'used') continue;
    if (steps.at(-1)?.value === value) uses[index] = 'same_stage';
    else steps.push({ value, timestamp, sourceType, role: roles.get(value) ?? null });
  }
  return steps;
}

function nextChange(
  entries: readonly HistoryEntry[],
  uses: readonly RowUse[],
  graceMs: number,
): number | null {
  let next: number | null = null;
  for (const [index, { timestamp }] of entries.entries()) {
    const use = uses[index];
    if (use !== 'future' && use !== 'clear_pending') continue;
    const at = use === 'future' ? timestamp - CLOCK_TOLERANCE_MS : timestamp + graceMs;
    if (next === null || at < next) next = at;
  }
  return next;
}

/**
 * What HubSpot gives of a contact now, joined with what was remembered of it and of contacts it absorbed. HubSpot's
 * entries come first, as given; of absorbed contacts only entries older than all of these, since merging pools histories.
 * Says anew whether the history is truncated.
 */
export function joinContact(
  read: Contact,
  remembered: Contact | undefined,
  absorbed: readonly Contact[],
  keptByHubSpot: number = ENTRIES_KEPT,
): Contact {
  const given = new Set(read.history.map(keyOf));
  const isNew = (entry: HistoryEntry) => !given.has(keyOf(entry));
  const older = (remembered?.history ?? []).filter(isNew);
  if (absorbed.length > 0) {
    const oldest = Math.min(...read.history.map((entry) => entry.timestamp));
    for (const entry of older) given.add(keyOf(entry));
    for (const { history } of absorbed) {
      const added = history.filter((entry) => entry.timestamp < oldest && isNew(entry));
      for (const entry of added) given.add(keyOf(entry));
      older.push(...added);
    }
  }
  return {
    ...read,
    history: older.length === 0 ? read.history : [...read.history, ...older],
    truncated: read.history.length >= keptByHubSpot && !isRememberedWhole(read, remembered, absorbed),
    mergedIds: [...new Set([...read.mergedIds, ...(remembered?.mergedIds ?? [])])],
  };
}

/** Do the memories of the contact, and of each it absorbed since, reach back to their beginnings without a gap? */
function isRememberedWhole(
  read: Contact,
  remembered: Contact | undefined,
  absorbed: readonly Contact[],
): boolean {
  const known = new Map(absorbed.map((contact) => [contact.id, contact]));
  const absorbedSince = read.mergedIds.filter((id) => !remembered?.mergedIds.includes(id));
  const given = new Set(read.history.map(keyOf));
  return [remembered, ...absorbedSince.map((id) => known.get(id))].every(
    (memory) =>
      memory !== undefined && !memory.truncated && memory.history.some((entry) => given.has(keyOf(entry))),
  );
}

function keyOf(entry: HistoryEntry): string {
  return `${entry.timestamp} ${entry.value}`;
}
