import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { changeNotices, failureNotices } from '../../src/notify/notices.ts';
import { createNotifier, type Notifier } from '../../src/notify/notifier.ts';
import type { FactStore } from '../../src/ports.ts';
import { openStore } from '../../src/store/open-store.ts';
import {
  failing,
  HOUR,
  NOW,
  notifierOptions,
  overdue,
  present,
  type Receiver,
  SUBJECT,
  startReceiver,
  statuses,
  target,
} from './support.ts';

let receiver: Receiver;
let other: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
  other = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  await other.close();
});

function events(from: Receiver): unknown[] {
  return from.received.map(({ body }) => body.event);
}

describe('a notifier', () => {
  it('sends each notice to the targets that want it, in their format', async () => {
    const slack = target(other.url, { format: 'slack', on: ['newly_overdue'] });
    const { options, lines } = notifierOptions([target(receiver.url), slack]);
    const notifier = createNotifier(options);
    await notifier.notify([failing()]);
    await notifier.change((told) => changeNotices(SUBJECT, told, present({ overdue: [overdue('1')] }), NOW));
    await notifier.flush();
    expect(events(receiver)).toEqual(['sync_failing', 'newly_overdue']);
    expect(other.received.map(({ body }) => body.text)).toEqual([
      expect.stringContaining('1 lead became overdue'),
    ]);
    expect(lines.join()).not.toContain('secret-path');
  });

  it('tells a change once, over restarts', async () => {
    const { options } = notifierOptions([target(receiver.url)]);
    const now = present({ overdue: [overdue('1')] });
    for (const notifier of [createNotifier(options), createNotifier(options)]) {
      await notifier.change((told) => changeNotices(SUBJECT, told, now, NOW));
      await notifier.change((told) => failureNotices(SUBJECT, told, { code: 'c', message: 'm' }, NOW));
      await notifier.notify([failing(NOW + 1)]);
      await notifier.flush();
    }
    expect(events(receiver)).toEqual(['newly_overdue', 'sync_failing', 'sync_failing']);
  });

  it('does not wait for a target that hangs', async () => {
    receiver.answer(() => {});
    const { options } = notifierOptions([target(receiver.url), target(other.url)]);
    const notifier = createNotifier({ ...options, timeoutMs: 50 });
    await notifier.notify([failing()]);
    await notifier.flush();
    expect(events(other)).toEqual(['sync_failing']);
  });

  it('keeps what a target did not take for the next round, in order, and repeats nothing to the others', async () => {
    receiver.answer((response) => response.writeHead(500).end());
    const { options, lines, texts } = notifierOptions([target(receiver.url), target(other.url)]);
    const before = createNotifier(options);
    await before.notify([failing(NOW), failing(NOW + 1)]);
    await before.flush();
    expect([...texts.values()].join()).not.toContain('secret-path');
    expect(lines).toContainEqual(expect.stringMatching(/^Notice not delivered, kept.*status 500/));

    receiver.answer(statuses());
    const already = receiver.received.length;
    const restarted = createNotifier(options);
    await restarted.flush();
    const ids = [failing(NOW).id, failing(NOW + 1).id];
    expect(receiver.received.slice(already).map(({ body }) => body.id)).toEqual(ids);
    await restarted.flush();
    expect(receiver.received).toHaveLength(already + 2);
    expect(events(other)).toEqual(['sync_failing', 'sync_failing']);
  });

  it('sends nothing twice to the first target when it dies between two', async () => {
    const { options, texts } = notifierOptions([target(receiver.url), target(other.url)]);
    const release: (() => void)[] = [];
    let arrived = () => {};
    const reached = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    other.answer((response) => {
      release.push(() => response.writeHead(500).end());
      arrived();
    });
    const dying = createNotifier(options);
    await dying.notify([failing()]);
    await reached;
    while (!settledFor(texts, 1)) await new Promise(setImmediate);
    const afterwards = notifierOptions(options.targets, new Map(texts));
    for (const go of release) go();
    other.answer(statuses());

    const restarted = createNotifier(afterwards.options);
    afterwards.at.now = NOW + 59_999;
    await restarted.flush();
    expect(afterwards.lines).toEqual([]);
    afterwards.at.now = NOW + 60_000;
    await restarted.flush();
    expect(events(receiver)).toEqual(['sync_failing']);
    expect(afterwards.lines).toEqual([expect.stringMatching(/^Notice delivered.*"target":1/)]);
    await dying.flush();
  });

  it('drops what a target refuses, and says so', async () => {
    receiver.answer((response) => response.writeHead(404).end());
    const { options, lines } = notifierOptions([target(receiver.url)]);
    const notifier = createNotifier(options);
    await notifier.notify([failing()]);
    await notifier.flush();
    await notifier.flush();
    expect(receiver.received).toHaveLength(1);
    expect(lines).toEqual([expect.stringMatching(/^Notice refused.*"target":0.*status 404/)]);
  });

  it('leaves a target alone for as long as it asked', async () => {
    receiver.answer(statuses({ status: 429, headers: { 'retry-after': '600' } }));
    const { options, at } = notifierOptions([target(receiver.url)]);
    const notifier = createNotifier(options);
    await notifier.notify([failing()]);
    await notifier.flush();
    await notifier.flush();
    expect(receiver.received).toHaveLength(1);
    at.now += 600_000;
    await notifier.flush();
    expect(receiver.received).toHaveLength(2);
  });

  it('drops notices that are too old, too many, or for targets no longer configured', async () => {
    receiver.answer((response) => response.writeHead(503).end());
    const { options, at, lines } = notifierOptions([target(receiver.url)]);
    const notifier = createNotifier(options);
    await notifier.notify(Array.from({ length: 103 }, (_, n) => failing(NOW + n)));
    await notifier.flush();
    expect(lines).toContainEqual(expect.stringMatching(/^Notices dropped.*"dropped":3/));

    receiver.answer(statuses());
    const already = receiver.received.length;
    at.now = NOW + 72 * HOUR + 101;
    await notifier.flush();
    expect(receiver.received.slice(already).map(({ body }) => body.id)).toEqual([failing(NOW + 102).id]);

    receiver.answer((response) => response.writeHead(503).end());
    await notifier.notify([failing(at.now)]);
    await notifier.flush();
    const without = notifierOptions([target(other.url)]);
    await createNotifier({ ...without.options, store: options.store }).flush();
    expect(without.lines).toEqual([expect.stringMatching(/^Notices dropped.*"dropped":1/)]);
    expect(other.received).toEqual([]);
  });

  it('sends once to an address that is listed twice', async () => {
    const { options } = notifierOptions([
      target(receiver.url),
      target(receiver.url, { on: ['sync_failing'] }),
    ]);
    const notifier = createNotifier(options);
    await notifier.notify([failing()]);
    await notifier.flush();
    expect(receiver.received).toHaveLength(1);
  });

  it('remembers the state when there is no target', async () => {
    const { options } = notifierOptions([]);
    await createNotifier(options).change((told) =>
      changeNotices(SUBJECT, told, present({ overdue: [overdue('1')] }), NOW),
    );
    const later = createNotifier({ ...options, targets: [target(receiver.url)] });
    await later.change((told) => changeNotices(SUBJECT, told, present({ overdue: [overdue('1')] }), NOW + 1));
    await later.flush();
    expect(receiver.received).toEqual([]);
  });

  it('passes on what the store throws when remembering, and logs it when sending', async () => {
    const { options, lines } = notifierOptions([target(receiver.url)]);
    const store = { ...options.store, updateState: () => Promise.reject(new Error('database is away')) };
    const notifier = createNotifier({ ...options, store });
    await expect(notifier.notify([failing()])).rejects.toThrow('database is away');
    await notifier.flush();
    expect(lines).toEqual([expect.stringMatching(/^Notices could not be looked up/)]);
  });
});

/** How many targets still wait, as remembered. */
function settledFor(texts: ReadonlyMap<string, string>, open: number): boolean {
  const memory = JSON.parse([...texts.values()][0] ?? '{"waiting":[]}');
  return memory.waiting[0]?.targets.length === open;
}

describe('two processes on one store', () => {
  async function twoStores(): Promise<[FactStore, FactStore]> {
    const dataDir = mkdtempSync(join(tmpdir(), 'handoff-notify-'));
    const open = () => openStore({ dataDir, clock: { now: () => NOW }, log: createLogger('silent') });
    const stores: [FactStore, FactStore] = [await open(), await open()];
    onTestFinished(async () => {
      for (const store of stores) await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    });
    return stores;
  }

  async function two(): Promise<{ both: [Notifier, Notifier]; at: { now: number } }> {
    const { options, at } = notifierOptions([target(receiver.url), target(other.url)]);
    const [one, two] = await twoStores();
    return {
      both: [createNotifier({ ...options, store: one }), createNotifier({ ...options, store: two })],
      at,
    };
  }

  it('tell a change and a failure once to each target when both do it at the same moment', async () => {
    const { both } = await two();
    const now = present({ overdue: [overdue('1'), overdue('2')] });
    const failure = { code: 'c', message: 'm' };
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(both.map((one) => one.change((told) => failureNotices(SUBJECT, told, failure, NOW))));
      await Promise.all(both.map((one) => one.change((told) => changeNotices(SUBJECT, told, now, NOW))));
      await Promise.all(both.map((one) => one.flush()));
    }
    for (const target of [receiver, other])
      expect(events(target).toSorted()).toEqual(['newly_overdue', 'sync_failing']);
  });

  it('lose none of the notices that both hand in', async () => {
    const { both } = await two();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => both[n % 2]!.notify([failing(NOW + n), failing(NOW + n + 1)])),
    );
    await Promise.all(both.map((one) => one.flush()));
    await Promise.all(both.map((one) => one.flush()));
    for (const target of [receiver, other]) {
      const ids = target.received.map(({ body }) => String(body.id)).toSorted();
      expect(ids).toEqual(Array.from({ length: 21 }, (_, n) => failing(NOW + n).id));
    }
  });

  it('leave a target alone while the other one is at it, and for as long as it asked the other one', async () => {
    const { both, at } = await two();
    let answered = () => {};
    const asked = new Promise<void>((resolve) => {
      receiver.answer((response) => {
        answered = () => response.writeHead(429, { 'retry-after': '600' }).end();
        resolve();
      });
    });
    await both[0].notify([failing()]);
    await asked;
    await both[1].flush();
    expect(receiver.received).toHaveLength(1);
    answered();
    await both[0].flush();
    receiver.answer(statuses());
    at.now += 599_999;
    await both[1].flush();
    expect(receiver.received).toHaveLength(1);
    at.now += 1;
    await Promise.all(both.map((one) => one.flush()));
    expect(receiver.received).toHaveLength(2);
    expect(other.received).toHaveLength(1);
  });

  it('need not wait for the claims of one that leaves', async () => {
    const { both } = await two();
    const asked = new Promise<void>((resolve) => receiver.answer(() => resolve()));
    await both[0].notify([failing()]);
    await asked;
    await both[0].leave();
    receiver.answer(statuses());
    await both[1].flush();
    expect(receiver.received).toHaveLength(2);
    await both[0].notify([failing(NOW + 1)]);
    await both[0].flush();
    expect(receiver.received).toHaveLength(2);
  });

  it('leave all the same when the store is away', async () => {
    const { options, lines } = notifierOptions([target(receiver.url)]);
    let away = false;
    const store: typeof options.store = {
      updateState: (...change) =>
        away ? Promise.reject(new Error('database is away')) : options.store.updateState(...change),
    };
    const leaving = createNotifier({ ...options, store });
    const asked = new Promise<void>((resolve) => receiver.answer(() => resolve()));
    await leaving.notify([failing()]);
    await asked;
    away = true;
    await leaving.leave();
    expect(lines.at(-1)).toMatch(/^Claims could not be given back/);
  });
});
