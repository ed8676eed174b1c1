/**
 * Tells a portal's targets what has changed. A notice is remembered before it is sent, and a target is crossed off as
 * soon as it has taken it: a crash or a target that is down loses nothing and repeats nothing that was crossed off.
 * Several processes may tell the same portal's changes: the memory is changed by one at a time, and a notice is claimed
 * for a target before it is sent. It comes twice only when a process dies between sending it and crossing it off.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { NoticeTarget } from '../config/types.ts';
import type { Clock, FactStore } from '../ports.ts';
import { jsonPayload } from './json.ts';
import type { Change, Notice, NoticeState } from './notices.ts';
import {
  claim,
  giveBack,
  type NoticeMemory,
  nextFor,
  readMemory,
  settle,
  takeIn,
  targetKey,
  tidy,
} from './outbox.ts';
import { type SendTools, send } from './sender.ts';
import { slackPayload } from './slack.ts';

/** Where the memory lives in the store. */
const KEY = 'notices';
/** A claim of a process that died is free after this, ms; longer than the longest round of tries (see `sender.ts`). */
const CLAIM_MS = 60_000;

/** Writes one line: an object of ids and counts, then a fixed sentence. */
export interface NoticeLog {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
}

/** What a notifier is made of. */
export interface NotifierOptions {
  readonly portal: string;
  readonly targets: readonly NoticeTarget[];
  readonly store: Pick<FactStore, 'updateState'>;
  readonly clock: Clock;
  readonly log: NoticeLog;
  /** Resolves after that many ms; for tests. */
  readonly wait?: SendTools['wait'];
  /** For one try to reach a target, ms; default 10 s. */
  readonly timeoutMs?: number;
}

/** Throws only what the store throws; targets never throw into their caller. */
export interface Notifier {
  /** Works out from the state told what to tell now, remembers both, and begins to send without waiting for targets. */
  change(decide: (told: NoticeState) => Change): Promise<void>;
  /** Remembers these notices and begins to send. A notice whose id was taken in before is left out. */
  notify(notices: readonly Notice[]): Promise<void>;
  /** One round for everything that waits; resolves when each target has taken it, refused it or been given up for now. */
  flush(): Promise<void>;
  /** Sends nothing more and gives back what is claimed, so that the next process need not wait for claims to run out. */
  leave(): Promise<void>;
}

/** A notifier for one portal. */
export function createNotifier(options: NotifierOptions): Notifier {
  const remember = createMemory(options);
  const claims: Claims = { open: true, held: new Map() };
  const round = oneAtATime(() => deliver(options, claims, remember));

  async function change(decide: (told: NoticeState) => Change): Promise<void> {
    await remember((before) => {
      const { notices, state } = decide(before.state);
      return takeIn({ ...before, state }, notices, options.targets);
    });
    void round();
  }

  return {
    change,
    notify: (notices) => change((state) => ({ notices, state })),
    flush: round,
    async leave() {
      claims.open = false;
      const held = [...claims.held];
      if (held.length === 0) return;
      const facts = { portal: options.portal, targets: held.length };
      options.log.warn(
        facts,
        'Targets did not answer before the end: their notices are kept for the next start',
      );
      try {
        await remember((before) =>
          held.reduce(
            (memory, [key, { notice, until }]) => giveBack(memory, notice.id, key, until, 0),
            before,
          ),
        );
      } catch (err) {
        options.log.warn({ ...facts, err }, 'Claims could not be given back: they run out within a minute');
      }
    },
  };
}

/** A notice that this process has claimed for a target, until then (epoch ms). */
interface Claimed {
  readonly notice: Notice;
  readonly until: number;
}

/** What this process has claimed, by target; no longer open once it leaves. */
interface Claims {
  open: boolean;
  readonly held: Map<string, Claimed>;
}

/** Changes what is remembered, with no other process in between, and gives what is remembered now. */
type Remember = (change: (memory: NoticeMemory) => NoticeMemory) => Promise<NoticeMemory>;

function createMemory({ portal, store }: NotifierOptions): Remember {
  return async (change) => {
    const text = await store.updateState(portal, KEY, (before) => JSON.stringify(change(readMemory(before))));
    return readMemory(text);
  };
}

/** One round: every target by itself, so that none waits for another. */
async function deliver(options: NotifierOptions, claims: Claims, remember: Remember): Promise<void> {
  const { portal, log, targets, clock } = options;
  if (!claims.open) return;
  try {
    let dropped = 0;
    await remember((before) => {
      const tidied = tidy(before, targets, clock.now());
      dropped = tidied.dropped;
      return tidied.memory;
    });
    if (dropped > 0)
      log.warn({ portal, dropped }, 'Notices dropped: too old, too many, or their target is gone');
    const distinct = new Map(targets.map((target, index) => [targetKey(target), { target, index }]));
    await Promise.all(
      [...distinct.values()].map(({ target, index }) => deliverTo(target, index, options, claims, remember)),
    );
  } catch (err) {
    log.warn({ portal, err }, 'Notices could not be looked up or crossed off');
  }
}

/** Oldest first. A target that cannot be reached, or that another process is at, keeps the rest for the next round. */
async function deliverTo(
  target: NoticeTarget,
  index: number,
  options: NotifierOptions,
  claims: Claims,
  remember: Remember,
): Promise<void> {
  const { portal, clock, log, wait = pause, timeoutMs } = options;
  const key = targetKey(target);
  const goOn = () => claims.open;
  const tools = { clock, wait, goOn, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  while (claims.open) {
    const claimed = await claimNext(key, clock, remember);
    if (claimed === null) return;
    claims.held.set(key, claimed);
    const { notice, until } = claimed;
    const delivery = await send(target.url, format(target, notice), tools);
    const facts = { portal, target: index, event: notice.event };
    if (delivery.outcome === 'later') {
      // What was claimed has been given back, and the store may be closed.
      if (!claims.open) return;
      const restUntil = clock.now() + delivery.restMs;
      await remember((before) => giveBack(before, notice.id, key, until, restUntil));
      claims.held.delete(key);
      log.warn({ ...facts, reason: delivery.reason }, 'Notice not delivered, kept for the next round');
      return;
    }
    await remember((before) => settle(before, notice.id, key));
    claims.held.delete(key);
    if (delivery.outcome === 'refused') {
      log.warn({ ...facts, reason: delivery.reason }, 'Notice refused by its target and dropped');
    } else {
      log.info(facts, 'Notice delivered');
    }
  }
}

/** Takes the oldest notice for a target before it is sent, so that another process leaves it alone. */
async function claimNext(key: string, clock: Clock, remember: Remember): Promise<Claimed | null> {
  const now = clock.now();
  const until = now + CLAIM_MS;
  let notice: Notice | null = null;
  await remember((before) => {
    notice = nextFor(before, key, now);
    return notice === null ? before : claim(before, notice.id, key, until);
  });
  return notice === null ? null : { notice, until };
}

function format(target: NoticeTarget, notice: Notice): object {
  return target.format === 'slack' ? slackPayload(notice) : jsonPayload(notice);
}

/** Calls while one runs share the run that follows it, so that what they brought is looked at. */
function oneAtATime(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function start(): Promise<void> {
    if (running === null) {
      running = run().finally(() => {
        running = null;
      });
      return running;
    }
    next ??= running.then(() => {
      next = null;
      return start();
    });
    return next;
  }

  return start;
}
