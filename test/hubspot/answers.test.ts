/** Every answer of HubSpot's that is no success, and what it is to the rest of handoff. */
import { describe, expect, it } from 'vitest';
import {
  CredentialsError,
  type HandoffError,
  RateLimitedError,
  RejectedError,
  UnavailableError,
} from '../../src/errors.ts';
import { mockHttp } from '../support/http-mock.ts';
import { ACCOUNT, BATCH_READ, failure, NOW, SEARCH, TOKEN, testContacts, testHubSpot } from './support.ts';

const http = mockHttp('https://api.hubapi.com');
const CORRELATION = '6a14c2f5-51a5-4d3b-9f7f-0a3f1d2c9b11';

type ErrorClass = new (...args: never[]) => HandoffError;

describe('answers and what they mean', () => {
  it.each<[number, string, ErrorClass]>([
    [400, 'VALIDATION_ERROR', RejectedError],
    [401, 'INVALID_AUTHENTICATION', CredentialsError],
    [401, 'EXPIRED_AUTHENTICATION', CredentialsError],
    [403, 'MISSING_SCOPES', CredentialsError],
    [404, 'OBJECT_NOT_FOUND', RejectedError],
    [409, 'CONFLICT', RejectedError],
    [414, '', RejectedError],
    [423, 'LOCKED', RateLimitedError],
    [477, 'MIGRATION_IN_PROGRESS', RateLimitedError],
    [530, '', CredentialsError],
  ])('%i %s', async (status, category, expected) => {
    http.on('GET', ACCOUNT, {
      status,
      body: { status: 'error', category, message: 'No', correlationId: CORRELATION },
    });

    const error = await failure(testHubSpot().hubspot.portal.account());

    expect(error).toBeInstanceOf(expected);
    expect(error.message).toContain(String(status));
  });

  it.each([408, 500, 502, 503, 504, 521, 522, 523, 524, 525, 526])(
    '%i is an outage, tried three times in all',
    async (status) => {
      for (let time = 0; time < 3; time += 1) {
        http.on('GET', ACCOUNT, { status, body: '<html>Bad gateway</html>' });
      }
      const { hubspot } = testHubSpot();

      const error = await failure(hubspot.portal.account());

      expect(error).toBeInstanceOf(UnavailableError);
      expect(error.message).toContain(String(status));
      expect(hubspot.calls.other).toBe(3);
    },
  );

  it('an outage that passes is not noticed', async () => {
    http.on('GET', ACCOUNT, { status: 502 }).on('GET', ACCOUNT, { body: { portalId: 7, timeZone: 'UTC' } });

    await expect(testHubSpot().hubspot.portal.account()).resolves.toEqual({ portalId: '7', timeZone: 'UTC' });
  });

  it.each([
    ['cut off', '{"portalId": 12, "timeZo'],
    ['HTML', '<!doctype html><p>Hello</p>'],
    ['empty', ''],
    ['of another shape', '{"portal": 12}'],
  ])('a success whose body is %s is an outage', async (_, body) => {
    for (let time = 0; time < 3; time += 1) http.on('GET', ACCOUNT, { body });

    const error = await failure(testHubSpot().hubspot.portal.account());

    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.message).not.toMatch(/portalId": 12|Hello/);
  });

  it('a broken connection is an outage that names its cause', async () => {
    for (let time = 0; time < 3; time += 1) http.drop('GET', ACCOUNT);

    const error = await failure(testHubSpot().hubspot.portal.account());

    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.message).toContain('ECONNRESET');
  });

  it('an answer that does not come is given up', async () => {
    for (let time = 0; time < 3; time += 1) {
      http.on('GET', ACCOUNT, { delayMs: 2_000, body: { portalId: 7, timeZone: 'UTC' } });
    }

    const error = await failure(testHubSpot({ timeoutMs: 30 }).hubspot.portal.account());

    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.message).toContain('did not answer');
  });

  it('reading is given up when the worker stops, and counts as no attempt', async () => {
    const stop = new AbortController();
    http.on('POST', BATCH_READ, () => {
      stop.abort();
      return { status: 200, body: { results: [] }, delayMs: 2_000 };
    });
    const { source } = testContacts();

    const error = await failure(source.read(['1'], 'live', stop.signal));

    expect(error).toBeInstanceOf(RateLimitedError);
    expect((error as RateLimitedError).waitMs).toBe(0);
  });
});

describe('what an error tells', () => {
  it('names the scopes to grant, in both shapes that HubSpot uses', async () => {
    const context = { requiredGranularScopes: ['crm.objects.contacts.read'] };
    http.on('GET', ACCOUNT, { status: 403, body: { category: 'MISSING_SCOPES', errors: [{ context }] } });
    http.on('GET', ACCOUNT, {
      status: 403,
      body: { category: 'MISSING_SCOPES', context: { requiredScopes: ['contacts'] } },
    });
    const { hubspot } = testHubSpot();

    const granular = await failure(hubspot.portal.account());
    const older = await failure(hubspot.portal.account());

    expect((granular as CredentialsError).missingScopes).toEqual(['crm.objects.contacts.read']);
    expect(granular.message).toContain('crm.objects.contacts.read');
    expect((older as CredentialsError).missingScopes).toEqual(['contacts']);
  });

  it('carries category, code, property and correlation id, and no value', async () => {
    const secret = 'jane.doe@example.com';
    http.on('GET', ACCOUNT, {
      status: 400,
      body: {
        category: 'VALIDATION_ERROR',
        correlationId: CORRELATION,
        message: `Property values were not valid: [{"isValid":false,"message":"${secret} is bad","error":"INVALID_EMAIL","name":"email"}]`,
      },
    });

    const error = await failure(testHubSpot().hubspot.portal.account());

    expect(error.message).toContain(`VALIDATION_ERROR; INVALID_EMAIL email; correlation id ${CORRELATION}`);
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain(secret);
  });

  it.each([
    ['Contact already exists. Existing ID: 4711', 'Contact already exists. Existing ID …'],
    [
      'Budapest was not one of the allowed options: [London, Paris]',
      '… was not one of the allowed options …',
    ],
    ['Property "handoff_sla" does not exist, Jane O\'Neill', 'Property … does not exist, …'],
    ['Kovács Anna', ''],
  ])("keeps only words of HubSpot's own: %s", async (message, kept) => {
    http.on('GET', ACCOUNT, { status: 400, body: { category: 'VALIDATION_ERROR', message } });

    const error = await failure(testHubSpot().hubspot.portal.account());

    expect(error.message).toBe(
      `HubSpot answered 400 to GET ${ACCOUNT} (VALIDATION_ERROR${kept === '' ? '' : `; ${kept}`})`,
    );
  });

  it('bears an error body in which nothing is as documented', async () => {
    http.on('GET', ACCOUNT, {
      status: 400,
      body: { category: 7, message: {}, errors: [null, { code: 3 }], context: 'x' },
    });

    const error = await failure(testHubSpot().hubspot.portal.account());

    expect(error).toBeInstanceOf(RejectedError);
    expect(error.message).toBe(`HubSpot answered 400 to GET ${ACCOUNT}`);
  });
});

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
  ] as const)('to a search, %s', async (_, body, scope) => {
    http.on('GET', '/crm/properties/2026-09/contacts', { body: { results: [] } });
    http.on('POST', SEARCH, { status: 429, body }).on('POST', SEARCH, { body: { results: [] } });
    const { source, gate, calls } = testContacts();

    await source.find({ from: 1, to: 2 }, null, 'live');

    expect(gate.closed.map((one) => one.scope)).toEqual([scope]);
    expect(calls).toMatchObject({ search: 2, rejected: 1 });
  });

  it('of the day puts the work back for an hour, or until the reset that the account told', async () => {
    const resetsAt = NOW + 7_200_000;
    http.on('GET', ACCOUNT, { status: 429, body: daily });
    http.on('GET', '/account-info/2026-09/api-usage/daily/private-apps', {
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

describe('a portal on the move', () => {
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

  it('learns nothing from headers that are missing or make no sense', async () => {
    const headers = { 'X-HubSpot-RateLimit-Max': 'many', 'X-HubSpot-RateLimit-Daily': '5' };
    http.on('GET', ACCOUNT, { headers, body: { portalId: 1, timeZone: 'UTC' } });
    const { hubspot, gate } = testHubSpot();

    await hubspot.portal.account();

    expect(gate.learnt).toEqual([]);
  });
});
