/** One call: past the gate, with the portal's own token, its limits learnt, and its turn taken again after a 429. */
import { describe, expect, it } from 'vitest';
import { CredentialsError, RateLimitedError, UnavailableError } from '../../src/errors.ts';
import type { Logger } from '../../src/log.ts';
import { mockHttp } from '../support/http-mock.ts';
import {
  ACCOUNT,
  BATCH_READ,
  BATCH_UPDATE,
  failure,
  NOW,
  PROPERTIES,
  SEARCH,
  TOKEN,
  testContacts,
  testHubSpot,
  USAGE,
} from './support.ts';

const http = mockHttp('https://api.hubapi.com');

describe('a 429', () => {
  const daily = { policyName: 'DAILY', message: 'You have reached your daily limit.' };
  const rolling = {
    policyName: 'TEN_SECONDLY_ROLLING',
    message: 'You have reached your ten_secondly_rolling limit.',
  };
  const secondly = { policyName: 'SECONDLY', message: 'You have reached your secondly limit.' };

  it.each([
    ['burst by policy', rolling, {}, 'burst', 10_000],
    ['burst by message', { message: rolling.message }, {}, 'burst', 10_000],
    ['without policy or words', { category: 'RATE_LIMITS', message: 'Slow down' }, {}, 'burst', 10_000],
    ["a second's limit outside search", secondly, {}, 'burst', 1_000],
    ['burst with Retry-After', rolling, { 'Retry-After': '3' }, 'burst', 3_000],
    ['a nonsensical Retry-After', rolling, { 'Retry-After': 'soon' }, 'burst', 10_000],
    ['a Retry-After of nothing', rolling, { 'Retry-After': '0' }, 'burst', 10_000],
    [
      'a date as Retry-After',
      rolling,
      { 'Retry-After': new Date(NOW + 5_000).toUTCString() },
      'burst',
      5_000,
    ],
  ] as const)('%s closes the gate and the call queues again', async (_, body, headers, scope, waitMs) => {
    http.on('GET', ACCOUNT, { status: 429, body, headers });
    http.on('GET', ACCOUNT, { body: { portalId: 7, timeZone: 'UTC' } });
    const { hubspot, gate } = testHubSpot();

    await hubspot.portal.account();

    expect(gate.closed).toEqual([{ scope, until: NOW + waitMs }]);
    expect(gate.acquired).toHaveLength(2);
    expect(hubspot.calls).toMatchObject({ other: 2, rejected: 1 });
  });

  it.each([
    ['by policy', secondly, 'search'],
    ['without policy', { category: 'RATE_LIMITS', message: 'Slow down' }, 'search'],
    ['of the burst', rolling, 'burst'],
    ['of the burst by policy alone', { policyName: rolling.policyName }, 'burst'],
    ['of the burst by message alone', { message: rolling.message }, 'burst'],
  ] as const)('to a search, %s', async (_, body, scope) => {
    http.on('GET', PROPERTIES, { body: { results: [] } });
    http.on('POST', SEARCH, { status: 429, body }).on('POST', SEARCH, { body: { results: [] } });
    const { source, gate, calls } = testContacts();

    await source.find({ from: 1, to: 2 }, null, 'live');

    expect(gate.closed.map((one) => one.scope)).toEqual([scope]);
    expect(calls).toMatchObject({ search: 2, rejected: 1 });
  });

  it('of the day puts the work back for an hour, or until the reset that the account told', async () => {
    const resetsAt = NOW + 7_200_000;
    http.on('GET', ACCOUNT, { status: 429, body: daily });
    http.on('GET', USAGE, {
      body: {
        results: [{ name: 'private-apps-api-calls-daily', usageLimit: 10, currentUsage: 4, resetsAt }],
      },
    });
    http.on('GET', ACCOUNT, { status: 429, body: daily });
    const { hubspot, gate } = testHubSpot();

    const unknown = await failure(hubspot.portal.account());
    await hubspot.portal.dailyUse();
    const known = await failure(hubspot.portal.account());

    expect(unknown).toBeInstanceOf(RateLimitedError);
    expect((unknown as RateLimitedError).waitMs).toBe(3_600_000);
    expect((known as RateLimitedError).waitMs).toBe(7_200_000);
    expect(gate.closed).toEqual([
      { scope: 'day', until: NOW + 3_600_000 },
      { scope: 'day', until: resetsAt },
    ]);
    expect(gate.learnt).toEqual([{ day: { max: 10, remaining: 6, resetsAt } }]);
  });

  it('of the day holds for an hour once the reset that the account told is over', async () => {
    const results = [{ usageLimit: 10, currentUsage: 4, resetsAt: NOW - 1 }];
    http.on('GET', USAGE, { body: { results } }).on('GET', ACCOUNT, { status: 429, body: daily });
    const { hubspot } = testHubSpot();

    await hubspot.portal.dailyUse();
    const error = await failure(hubspot.portal.account());

    expect((error as RateLimitedError).waitMs).toBe(3_600_000);
  });

  it('again and again ends in the work being put back', async () => {
    for (let turn = 0; turn < 5; turn += 1) http.on('GET', ACCOUNT, { status: 429, body: rolling });
    const { hubspot } = testHubSpot();

    const error = await failure(hubspot.portal.account());

    expect(error).toBeInstanceOf(RateLimitedError);
    expect(hubspot.calls).toMatchObject({ other: 5, rejected: 5 });
  });

  it('leaves the wait to a gate that says it is too long', async () => {
    http.on('GET', ACCOUNT, { status: 429, body: rolling });
    const { hubspot, gate } = testHubSpot();
    gate.onAcquire = () => {
      if (gate.closed.length > 0) throw new RateLimitedError('held', 10_000);
    };

    await expect(hubspot.portal.account()).rejects.toThrow('held');
  });
});

describe('a record that is locked', () => {
  it('puts the work back for the two seconds of the lock, and nobody else', async () => {
    http.on('GET', ACCOUNT, { status: 423 });
    const { hubspot, gate } = testHubSpot();

    const error = await failure(hubspot.portal.account());

    expect((error as RateLimitedError).waitMs).toBe(2_000);
    expect(gate.closed).toEqual([]);
  });
});

describe('a portal on the move', () => {
  it('holds everybody back for an hour where HubSpot does not say how long', async () => {
    http.on('GET', ACCOUNT, { status: 477 });

    const error = await failure(testHubSpot().hubspot.portal.account());

    expect((error as RateLimitedError).waitMs).toBe(3_600_000);
  });

  it('holds everybody back for the time that HubSpot says', async () => {
    http.on('GET', ACCOUNT, { status: 477, headers: { 'Retry-After': '600' } });
    const { hubspot, gate } = testHubSpot();

    const error = await failure(hubspot.portal.account());

    expect((error as RateLimitedError).waitMs).toBe(600_000);
    expect(gate.closed).toEqual([{ scope: 'day', until: NOW + 600_000 }]);
    expect(hubspot.calls.rejected).toBe(0);
  });
});

describe('the request', () => {
  it("asks for JSON with the portal's own token, and passes the gate first", async () => {
    http.on('GET', ACCOUNT, { body: { portalId: 1, timeZone: 'UTC' } });
    http.on('GET', ACCOUNT, { body: { portalId: 2, timeZone: 'UTC' } });
    const one = testHubSpot({ token: 'token-one' });
    const two = testHubSpot({ portal: 'other', token: 'token-two' });

    await one.hubspot.portal.account();
    await two.hubspot.portal.account();

    expect(http.calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer token-one',
      'Bearer token-two',
    ]);
    expect(http.calls[0]?.headers['accept']).toBe('application/json');
    expect(two.gate.acquired).toEqual([{ portal: 'other', kind: 'other', lane: 'live' }]);
  });

  it('tells the gate its kind and lane, and lets it stop waiting', async () => {
    http.on('POST', BATCH_READ, { body: { results: [] } });
    const { source, gate } = testContacts();
    const { signal } = new AbortController();
    const told: unknown[] = [];
    gate.onAcquire = (given) => told.push(given);

    await source.read(['1'], 'backfill', signal);

    expect(gate.acquired).toEqual([{ portal: 'main', kind: 'read', lane: 'backfill' }]);
    expect(told).toEqual([signal]);
  });

  it('is not repeated after an outage when the worker stops', async () => {
    const stop = new AbortController();
    http.on('POST', BATCH_UPDATE, () => {
      stop.abort();
      return { status: 502 };
    });
    const { writer, calls } = testContacts();
    const input = { id: '1', values: { status: 'open' }, stage: 'lead' };

    const error = await failure(writer.write([input], 'live', stop.signal));

    expect(error).toBeInstanceOf(UnavailableError);
    expect(calls.write).toBe(1);
  });

  it('does not go out when the gate says no', async () => {
    const { hubspot, gate } = testHubSpot();
    gate.onAcquire = () => {
      throw new RateLimitedError('used up', 60_000);
    };

    await expect(hubspot.portal.account()).rejects.toThrow('used up');
    expect(hubspot.calls.other).toBe(0);
  });

  it.each(['', 'pat-eu1-abc\n', 'pat eu1', 'pät-eu1'])(
    'refuses the token %j before it is sent, without showing it',
    (token) => {
      const create = () => testHubSpot({ token });

      expect(create).toThrow(CredentialsError);
      expect(create).not.toThrow(/eu1/);
    },
  );

  it('shows the token in no error', async () => {
    http.on('GET', ACCOUNT, {
      status: 401,
      body: { message: `Bad token ${TOKEN}`, category: 'INVALID_AUTHENTICATION' },
    });

    const error = await failure(testHubSpot().hubspot.portal.account());

    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain(TOKEN);
  });

  it('learns the limits that headers tell', async () => {
    const headers = {
      'X-HubSpot-RateLimit-Max': '190',
      'X-HubSpot-RateLimit-Interval-Milliseconds': '10000',
      'X-HubSpot-RateLimit-Daily': '650000',
      'X-HubSpot-RateLimit-Daily-Remaining': '649000',
    };
    http.on('GET', ACCOUNT, { headers, body: { portalId: 1, timeZone: 'UTC' } });
    const { hubspot, gate } = testHubSpot();

    await hubspot.portal.account();

    expect(gate.learnt).toEqual([
      { burst: { max: 190, windowMs: 10_000 }, day: { max: 650_000, remaining: 649_000 } },
    ]);
  });

  it.each([
    ['are missing or no numbers', 'many', null],
    ['tell of a limit of nothing', '0', '0'],
  ])('learns nothing from headers that %s', async (_, max, remaining) => {
    const headers = {
      'X-HubSpot-RateLimit-Max': max,
      'X-HubSpot-RateLimit-Interval-Milliseconds': '10000',
      'X-HubSpot-RateLimit-Daily': max === '0' ? max : '5',
      ...(remaining === null ? {} : { 'X-HubSpot-RateLimit-Daily-Remaining': remaining }),
    };
    http.on('GET', ACCOUNT, { headers, body: { portalId: 1, timeZone: 'UTC' } });
    const { hubspot, gate } = testHubSpot();

    await hubspot.portal.account();

    expect(gate.learnt).toEqual([]);
  });
});

describe('what is logged', () => {
  it('holds no token and no value, whatever went wrong', async () => {
    const lines: string[] = [];
    const note = (fields: { err?: Error }, text: string) => {
      lines.push(JSON.stringify([fields, fields.err?.message, fields.err?.stack, text]));
    };
    const log = { info: note, warn: note, debug: note, error: note } as unknown as Logger;
    const leaky = { message: `Jane Doe <jane@example.com> with ${TOKEN}`, category: 'VALIDATION_ERROR' };
    http
      .on('GET', PROPERTIES, { status: 502, body: leaky })
      .on('GET', PROPERTIES, { body: 'jane@example.com' });
    http.on('GET', PROPERTIES, {
      body: { results: ['marketingqualifiedlead', 'salesqualifiedlead'].map(entered) },
    });
    http.on('POST', SEARCH, { status: 429, body: leaky }).on('POST', SEARCH, { status: 400, body: leaky });
    http.on('POST', SEARCH, { body: { results: [] } });
    http.on('POST', BATCH_READ, {
      body: { results: [{ id: '5', properties: { lifecyclestage: 'lead', email: 'jane@example.com' } }] },
    });
    const { source } = testContacts({}, { log });

    await source.find({ from: 1, to: 2 }, null, 'live');
    await source.read(['5'], 'live');

    expect(lines.length).toBeGreaterThanOrEqual(5);
    expect(lines.join()).not.toMatch(/jane|doe|pat-eu1/i);
  });
});

function entered(stage: string) {
  return { name: `hs_v2_date_entered_${stage}`, type: 'datetime', fieldType: 'date' };
}
