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
import { ACCOUNT, BATCH_READ, failure, testContacts, testHubSpot } from './support.ts';

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
