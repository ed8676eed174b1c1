import { describe, expect, it } from 'vitest';
import { RateLimitedError } from '../../src/errors.ts';
import { type Verdict, WaitingLine } from '../../src/queue/waiting-line.ts';

const GO: Verdict = { waitMs: 0, paceMs: 1, reason: '' };

function line(answers: (Verdict | Error)[]): { readonly line: WaitingLine; asked(): number } {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    const answer = answers.shift() ?? GO;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const refusal = (waitMs: number, reason: string) => new RateLimitedError(reason, waitMs);
  return { line: new WaitingLine(ask, refusal), asked: () => asked };
}

describe('a waiting line', () => {
  it('lets callers go in the order in which they came, asking once for each', async () => {
    const { line: queue, asked } = line([]);
    const went: number[] = [];
    await Promise.all([1, 2, 3].map((caller) => queue.turn(1_000).then(() => went.push(caller))));
    expect(went).toEqual([1, 2, 3]);
    expect(asked()).toBe(3);
  });

  it('asks once while a hundred wait', async () => {
    const { line: queue, asked } = line([{ waitMs: 5, paceMs: 0, reason: 'burst' }]);
    await Promise.all(Array.from({ length: 100 }, () => queue.turn(1_000)));
    expect(asked()).toBe(101);
  });

  it('sends away who cannot have a turn in time, with how far off it is, and keeps the others', async () => {
    const { line: queue } = line([{ waitMs: 10, paceMs: 600, reason: 'burst' }]);
    const outcomes = await Promise.allSettled([queue.turn(1_000), queue.turn(1_000), queue.turn(1_000)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[2]).toMatchObject({ reason: { waitMs: 1_210, message: 'burst' } });
  });

  it('sends everybody away when the wait is long, asking once', async () => {
    const { line: queue, asked } = line([{ waitMs: 60_000, paceMs: 100, reason: 'day' }]);
    const outcomes = await Promise.allSettled([queue.turn(15_000), queue.turn(15_000)]);
    expect(outcomes).toMatchObject([{ reason: { waitMs: 60_000 } }, { reason: { waitMs: 60_100 } }]);
    expect(asked()).toBe(1);
  });

  it('lets go of a caller whose signal aborts, before or while it waits, and serves the next', async () => {
    const { line: queue } = line([{ waitMs: 20, paceMs: 0, reason: 'burst' }]);
    const leaving = new AbortController();
    const first = queue.turn(1_000, leaving.signal);
    const second = queue.turn(1_000);
    const refused = expect(first).rejects.toBeInstanceOf(RateLimitedError);
    leaving.abort();
    await refused;
    await second;
    await expect(queue.turn(1_000, leaving.signal)).rejects.toBeInstanceOf(RateLimitedError);
  });

  it('is not kept busy by a wait that nobody waits for', async () => {
    const { line: queue, asked } = line([{ waitMs: 14_000, paceMs: 0, reason: 'hold' }]);
    const leaving = new AbortController();
    const turn = queue.turn(15_000, leaving.signal);
    const refused = expect(turn).rejects.toBeInstanceOf(RateLimitedError);
    await new Promise(setImmediate);
    leaving.abort();
    await refused;
    await queue.turn(1_000);
    expect(asked()).toBe(2);
  });

  it('tells everybody when asking fails, and asks again for who comes later', async () => {
    const { line: queue } = line([new Error('away')]);
    const outcomes = await Promise.allSettled([queue.turn(1_000), queue.turn(1_000)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await queue.turn(1_000);
  });

  it('listens to a shared signal only while a caller waits', async () => {
    const { line: queue } = line([]);
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 50 }, () => queue.turn(1_000, signal)));
    await new Promise(setImmediate);
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});
