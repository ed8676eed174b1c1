/**
 * Tells a portal's targets what has changed. A notice is remembered before it is sent, and a target is crossed off as
 * soon as it has taken it: a crash or a target that is down loses nothing and repeats nothing that was crossed off.
 * Two processes that tell the same portal's changes at the same moment could both tell them: run one of them at a time.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { NoticeTarget } from '../config/types.ts';
import type { Clock, FactStore } from '../ports.ts';
import { jsonPayload } from './json.ts';
import type { Change, Notice, NoticeState } from './notices.ts';
import { type NoticeMemory, readMemory, settle, takeIn, targetKey, tidy } from './outbox.ts';
import { type SendTools, send } from './sender.ts';
import { slackPayload } from './slack.ts';

/** Where the memory lives in the store. */
const KEY = 'notices';

/** Writes one line: an object of ids and counts, then a fixed sentence. */
export interface NoticeLog {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
}

/** What a notifier is made of. */
export interface NotifierOptions {
  readonly portal: string;
  readonly targets: readonly NoticeTarget[];
  readonly store: Pick<FactStore, 'getState' | 'setState'>;
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
}

/** A notifier for one portal. */
export function createNotifier(options: NotifierOptions): Notifier {
  const memory = createMemory(options);
  const round = oneAtATime(() => deliver(options, memory));

  async function change(decide: (told: NoticeState) => Change): Promise<void> {
    await memory.update((before) => {
      const { notices, state } = decide(before.state);
      return takeIn({ ...before, state }, notices, options.targets);
    });
    void round();
  }

  return {
    change,
    notify: (notices) => change((state) => ({ notices, state })),
    flush: round,
  };
}

interface Memory {
  /** Reads, changes and writes with nothing of this process in between; writes only what is different. */
  update(change: (memory: NoticeMemory) => NoticeMemory): Promise<NoticeMemory>;
  /** Targets that asked for a rest, and until when. */
  readonly resting: Map<string, number>;
}

function createMemory({ portal, store }: NotifierOptions): Memory {
  let last: Promise<unknown> = Promise.resolve();

  async function apply(change: (memory: NoticeMemory) => NoticeMemory): Promise<NoticeMemory> {
    const before = await store.getState(portal, KEY);
    const memory = change(readMemory(before));
    const after = JSON.stringify(memory);
    if (after !== before) await store.setState(portal, KEY, after);
    return memory;
  }

  return {
    resting: new Map(),
    update(change) {
      const result = last.then(() => apply(change));
      last = result.catch(() => {});
      return result;
    },
  };
}

/** One round: every target by itself, so that none waits for another. */
async function deliver(options: NotifierOptions, memory: Memory): Promise<void> {
  try {
    let dropped = 0;
    const { waiting } = await memory.update((before) => {
      const tidied = tidy(before, options.targets, options.clock.now());
      dropped = tidied.dropped;
      return tidied.memory;
    });
    const { portal, log, targets } = options;
    if (dropped > 0)
      log.warn({ portal, dropped }, 'Notices dropped: too old, too many, or their target is gone');
    const distinct = new Map(targets.map((target, index) => [targetKey(target), { target, index }]));
    await Promise.all(
      [...distinct].map(([key, { target, index }]) => {
        const notices = waiting.filter((one) => one.targets.includes(key)).map((one) => one.notice);
        return deliverTo(target, index, notices, options, memory);
      }),
    );
  } catch (err) {
    options.log.warn({ portal: options.portal, err }, 'Notices could not be looked up or crossed off');
  }
}

/** Oldest first. A target that cannot be reached keeps the rest for the next round. */
async function deliverTo(
  target: NoticeTarget,
  index: number,
  notices: readonly Notice[],
  options: NotifierOptions,
  memory: Memory,
): Promise<void> {
  const { portal, clock, log, wait = pause, timeoutMs } = options;
  const key = targetKey(target);
  const tools = { clock, wait, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  for (const notice of notices) {
    if (clock.now() < (memory.resting.get(key) ?? 0)) return;
    const delivery = await send(target.url, format(target, notice), tools);
    const facts = { portal, target: index, event: notice.event };
    if (delivery.outcome === 'later') {
      memory.resting.set(key, clock.now() + delivery.restMs);
      log.warn({ ...facts, reason: delivery.reason }, 'Notice not delivered, kept for the next round');
      return;
    }
    await memory.update((before) => settle(before, notice.id, key));
    if (delivery.outcome === 'refused') {
      log.warn({ ...facts, reason: delivery.reason }, 'Notice refused by its target and dropped');
    } else {
      log.info(facts, 'Notice delivered');
    }
  }
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
