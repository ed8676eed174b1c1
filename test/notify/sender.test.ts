import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { send } from '../../src/notify/sender.ts';
import { NOW, type Receiver, startReceiver, statuses } from './support.ts';

let receiver: Receiver;
let waits: number[];
let tools: Parameters<typeof send>[2];

beforeEach(async () => {
  receiver = await startReceiver();
  waits = [];
  tools = {
    clock: { now: () => NOW },
    wait: async (ms) => {
      waits.push(ms);
    },
  };
});
afterEach(() => receiver.close());

describe('send', () => {
  it('posts JSON and takes any 2xx for delivered', async () => {
    receiver.answer(statuses({ status: 204 }));
    expect(await send(receiver.url, { n: 1 }, tools)).toEqual({ outcome: 'delivered' });
    expect(receiver.received).toMatchObject([
      { body: { n: 1 }, headers: { 'content-type': 'application/json; charset=utf-8' } },
    ]);
    expect(waits).toEqual([]);
  });

  it.each([408, 429, 500, 503])('tries again after %i, with growing gaps', async (status) => {
    receiver.answer(statuses({ status }, { status }));
    expect(await send(receiver.url, {}, tools)).toEqual({ outcome: 'delivered' });
    expect(receiver.received).toHaveLength(3);
    expect(waits).toEqual([1_000, 4_000]);
  });

  it('gives up for now after three tries', async () => {
    receiver.answer((response) => response.writeHead(502).end());
    expect(await send(receiver.url, {}, tools)).toEqual({
      outcome: 'later',
      reason: 'status 502',
      restMs: 0,
    });
    expect(receiver.received).toHaveLength(3);
  });

  it.each([400, 401, 403, 404, 410])('does not try again after %i', async (status) => {
    receiver.answer(statuses({ status }));
    expect(await send(receiver.url, {}, tools)).toEqual({ outcome: 'refused', reason: `status ${status}` });
    expect(receiver.received).toHaveLength(1);
  });

  it('follows no redirect', async () => {
    const elsewhere = await startReceiver();
    receiver.answer(statuses({ status: 307, headers: { location: elsewhere.url } }));
    expect(await send(receiver.url, {}, tools)).toEqual({ outcome: 'refused', reason: 'status 307' });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('waits as long as the server asks, in seconds or until a date', async () => {
    const date = new Date(NOW + 9_000).toUTCString();
    receiver.answer(
      statuses(
        { status: 429, headers: { 'retry-after': '7' } },
        { status: 503, headers: { 'retry-after': date } },
      ),
    );
    expect(await send(receiver.url, {}, tools)).toEqual({ outcome: 'delivered' });
    expect(waits).toEqual([7_000, 9_000]);
  });

  it.each([
    ['120', 120_000],
    ['86400', 3_600_000],
  ])('ends the round when the server asks for %s seconds', async (seconds, restMs) => {
    receiver.answer(statuses({ status: 429, headers: { 'retry-after': seconds } }));
    expect(await send(receiver.url, {}, tools)).toEqual({ outcome: 'later', reason: 'status 429', restMs });
    expect(receiver.received).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it.each(['soon', '-5', new Date(NOW - 60_000).toUTCString()])(
    'makes nothing of Retry-After: %s',
    async (header) => {
      receiver.answer(statuses({ status: 429, headers: { 'retry-after': header } }));
      expect(await send(receiver.url, {}, tools)).toEqual({ outcome: 'delivered' });
      expect(waits).toEqual([1_000]);
    },
  );

  it('does not wait for ever for a server that never answers', async () => {
    receiver.answer(() => {});
    expect(await send(receiver.url, {}, { ...tools, timeoutMs: 50 })).toEqual({
      outcome: 'later',
      reason: 'TimeoutError',
      restMs: 0,
    });
    expect(receiver.received).toHaveLength(3);
  });

  it('does not wait for the body of an answer', async () => {
    receiver.answer((response) => {
      response.writeHead(200).write('never finished');
    });
    expect(await send(receiver.url, {}, tools)).toEqual({ outcome: 'delivered' });
  });

  it('reports a server that is gone, and one that hangs up', async () => {
    receiver.answer((response) => response.destroy());
    expect(await send(receiver.url, {}, tools)).toMatchObject({ outcome: 'later', reason: 'UND_ERR_SOCKET' });
    await receiver.close();
    expect(await send(receiver.url, {}, tools)).toMatchObject({ outcome: 'later', reason: 'ECONNREFUSED' });
  });

  it('refuses what is no address, without repeating it', async () => {
    const delivery = await send('hooks.example.com/secret-path', {}, tools);
    expect(delivery.outcome).toBe('refused');
    expect(JSON.stringify(delivery)).not.toContain('secret-path');
  });
});
