/** Every input gets its receipt: refused ones are isolated, the others written. */
import { describe, expect, it } from 'vitest';
import { ConfigurationError, CredentialsError, UnavailableError } from '../../src/errors.ts';
import type { Receipt, WriteInput } from '../../src/ports.ts';
import { type MockedCall, mockHttp } from '../support/http-mock.ts';
import { BATCH_UPDATE, failure, testContacts } from './support.ts';

const http = mockHttp('https://api.hubapi.com');
const UPDATED = '2026-11-23T12:00:00.250Z';
const WRITTEN: Pick<Receipt & { ok: true }, 'ok' | 'updatedAt'> = {
  ok: true,
  updatedAt: Date.parse(UPDATED),
};

interface SentInput {
  readonly id: string;
  readonly objectWriteTraceId: string;
  readonly properties: Readonly<Record<string, string>>;
}

function input(id: string, stage = 'lead'): WriteInput {
  return { id, values: { status: 'open', mql_date: '' }, stage };
}

function sent({ body }: MockedCall): readonly SentInput[] {
  return (body as { inputs: readonly SentInput[] }).inputs;
}

function result(id: string, properties: Record<string, string | null> = {}) {
  return { id, properties, updatedAt: UPDATED };
}

/** Writes everything, in another order than it was sent. */
function writesAll(call: MockedCall) {
  return {
    body: {
      status: 'COMPLETE',
      results: sent(call)
        .map(({ id }) => result(id))
        .reverse(),
    },
  };
}

/** Refuses a whole batch that holds one of these, as HubSpot does where trace ids do not help; else writes it. */
function refusing(bad: readonly string[], body: object = { category: 'VALIDATION_ERROR', message: 'No' }) {
  return (call: MockedCall) =>
    sent(call).some(({ id }) => bad.includes(id)) ? { status: 400, body } : writesAll(call);
}

function times(count: number, reply: (call: MockedCall) => { body: unknown; status?: number }) {
  for (let call = 0; call < count; call += 1) http.on('POST', BATCH_UPDATE, reply);
}

/** Calls until ten records stand alone refused: each halving on the way to them, and the ten. */
const BOUND_OF_REFUSED = 23;

describe('a write', () => {
  it('sends prefixed names and a trace id for every input', async () => {
    times(1, writesAll);
    const { writer, calls } = testContacts();

    const receipts = await writer.write([input('1'), input('2')], 'live');

    const inputs = sent(http.calls[0] as MockedCall);
    expect(inputs.map(({ properties }) => properties)).toEqual([
      { handoff_status: 'open', handoff_mql_date: '' },
      { handoff_status: 'open', handoff_mql_date: '' },
    ]);
    expect(new Set(inputs.map(({ objectWriteTraceId }) => objectWriteTraceId)).size).toBe(2);
    expect(receipts).toEqual([
      { id: '1', ...WRITTEN },
      { id: '2', ...WRITTEN },
    ]);
    expect(calls.write).toBe(1);
  });

  it('never sends an id twice, and makes no call for nothing', async () => {
    times(1, writesAll);
    const { writer } = testContacts();

    const receipts = await writer.write([input('1'), input('2'), input('1')], 'live');

    expect(sent(http.calls[0] as MockedCall).map(({ id }) => id)).toEqual(['1', '2']);
    expect(receipts).toHaveLength(2);
    await expect(writer.write([], 'live')).resolves.toEqual([]);
  });

  it.each([
    ['shows another stage', { lifecyclestage: 'customer' }, null],
    ['shows a cleared stage', { lifecyclestage: null }, null],
    ['shows the stage judged', { lifecyclestage: 'lead' }, WRITTEN.updatedAt],
    ['shows no stage', {}, WRITTEN.updatedAt],
    [
      'shows lastmodifieddate',
      { lastmodifieddate: '2026-11-23T12:00:01Z' },
      Date.UTC(2026, 10, 23, 12, 0, 1),
    ],
  ])('whose answer %s identifies an echo accordingly', async (_, properties, updatedAt) => {
    http.on('POST', BATCH_UPDATE, { body: { results: [result('1', properties)] } });

    const receipts = await testContacts().writer.write([input('1', 'lead')], 'live');

    expect(receipts).toEqual([{ id: '1', ok: true, updatedAt }]);
  });

  it('is waited for when the worker stops: its answer says what was written', async () => {
    const stop = new AbortController();
    http.on('POST', BATCH_UPDATE, (call) => {
      stop.abort();
      return writesAll(call);
    });

    const receipts = await testContacts().writer.write([input('1')], 'live', stop.signal);

    expect(receipts).toEqual([{ id: '1', ...WRITTEN }]);
  });

  it('whose answer was lost is repeated: it sets the same values', async () => {
    http.drop('POST', BATCH_UPDATE).on('POST', BATCH_UPDATE, writesAll);

    const receipts = await testContacts().writer.write([input('1')], 'live');

    expect(receipts).toEqual([{ id: '1', ...WRITTEN }]);
  });

  it('whose answer is lost again and again is an outage, not a refusal', async () => {
    for (let time = 0; time < 3; time += 1) http.on('POST', BATCH_UPDATE, { body: '{"results": [' });

    await expect(testContacts().writer.write([input('1')], 'live')).rejects.toThrow(UnavailableError);
  });
});

describe('a refusal of one record', () => {
  const error = {
    status: 'error',
    category: 'VALIDATION_ERROR',
    message: 'Budapest was not one of the allowed options',
    errors: [{ code: 'INVALID_OPTION', context: { propertyName: ['handoff_status'] } }],
  };

  it.each([
    [207, { objectWriteTraceId: ['2'] }],
    [200, { objectWriteTraceId: '2' }],
    [207, { ids: ['2'] }],
  ])('under status %i, named by %o', async (status, context) => {
    http.on('POST', BATCH_UPDATE, {
      status,
      body: { results: [result('3'), result('1')], numErrors: 1, errors: [{ ...error, context }] },
    });

    const receipts = await testContacts().writer.write(
      ['1', '2', '3'].map((id) => input(id)),
      'live',
    );

    expect(receipts).toEqual([
      { id: '1', ...WRITTEN },
      {
        id: '2',
        ok: false,
        code: 'validation_error',
        reason: 'HubSpot refused it (VALIDATION_ERROR; INVALID_OPTION handoff_status)',
      },
      { id: '3', ...WRITTEN },
    ]);
  });

  it('holds even where the record stands among the written ones', async () => {
    const errors = [{ ...error, context: { ids: ['1'] } }];
    http.on('POST', BATCH_UPDATE, { status: 207, body: { results: [result('1')], errors } });

    const receipts = await testContacts().writer.write([input('1')], 'live');

    expect(receipts).toMatchObject([{ id: '1', ok: false, code: 'validation_error' }]);
  });

  it('by a rule of the portal says what is to be done', async () => {
    const errors = [
      {
        category: 'VALIDATION_ERROR',
        context: { objectWriteTraceId: ['1'] },
        errors: [{ code: 'MISSING_CONDITIONAL_REQUIRED_PROPERTY', context: { propertyName: ['budget'] } }],
      },
    ];
    http.on('POST', BATCH_UPDATE, { status: 207, body: { results: [], errors } });

    const [receipt] = await testContacts().writer.write([input('1')], 'live');

    expect(receipt).toMatchObject({ ok: false, code: 'validation_error' });
    expect(receipt).toHaveProperty(
      'reason',
      expect.stringContaining('budget, which a rule of the portal requires'),
    );
  });

  it.each([
    ['nothing at all', { status: 'COMPLETE', results: [] }],
    ['an error that names nobody', { results: [], errors: [{ category: 'INTERNAL' }] }],
    ['an error that is none', { results: [], numErrors: 1, errors: ['x'] }],
    ['the write of another contact', { results: [result('900')] }],
  ])('is assumed where HubSpot answers with %s', async (_, body) => {
    http.on('POST', BATCH_UPDATE, { body });

    const receipts = await testContacts().writer.write([input('1')], 'live');

    expect(receipts).toMatchObject([{ id: '1', ok: false, code: 'not_confirmed' }]);
  });
});

describe('a refusal of the whole batch', () => {
  const ids = Array.from({ length: 100 }, (_, at) => String(at + 1));

  it('is halved down to the culprit, and the rest is written', async () => {
    times(15, refusing(['37']));
    const { writer, calls } = testContacts();

    const receipts = await writer.write(
      ids.map((id) => input(id)),
      'live',
    );

    const refused = receipts.filter(({ ok }) => !ok);
    expect(receipts).toHaveLength(100);
    expect(refused).toMatchObject([{ id: '37', code: 'validation_error' }]);
    expect(calls.write).toBe(15);
  });

  it('that names a single culprit for the whole is told by it', async () => {
    const body = { category: 'OBJECT_NOT_FOUND', context: { id: ['12'] } };
    times(3, refusing(['12'], body));
    const { writer, calls } = testContacts();

    await writer.write(
      ids.map((id) => input(id)),
      'live',
    );

    expect(calls.write).toBe(3);
  });

  it('of every record alike is not tried a hundred times', async () => {
    const ids = Array.from({ length: 100 }, (_, at) => String(at + 1));
    const { writer, calls } = testContacts();
    times(BOUND_OF_REFUSED, refusing(ids));

    const receipts = await writer.write(
      ids.map((id) => input(id)),
      'live',
    );

    expect(calls.write).toBe(BOUND_OF_REFUSED);
    expect(receipts.map(({ id }) => id)).toEqual(ids);
    expect(receipts.filter((one) => !one.ok && one.code === 'not_tried')).toHaveLength(90);
  });

  it.each([400, 404, 409])('with status %i that names the culprits takes no halving', async (status) => {
    const bad = ['12', '90'];
    const body = { category: 'OBJECT_NOT_FOUND', errors: [{ context: { ids: bad } }] };
    times(4, (call) => (sent(call).some(({ id }) => bad.includes(id)) ? { status, body } : writesAll(call)));

    const receipts = await testContacts().writer.write(
      ids.map((id) => input(id)),
      'live',
    );

    expect(receipts.filter(({ ok }) => !ok).map(({ id }) => id)).toEqual(bad);
    expect(http.calls.map((call) => sent(call).length)).toEqual([100, 98, 1, 1]);
  });

  it('that all of them share leaves each with its receipt', async () => {
    const few = ids.slice(0, 4);
    times(7, refusing(few));

    const receipts = await testContacts().writer.write(
      few.map((id) => input(id)),
      'live',
    );

    expect(receipts.map(({ id, ok }) => [id, ok])).toEqual(few.map((id) => [id, false]));
  });

  it.each(['PROPERTY_DOESNT_EXIST', 'READ_ONLY_VALUE'])(
    "for %s is one of the portal's set-up, not halved",
    async (code) => {
      const message = `Property values were not valid: [{"error":"${code}","name":"handoff_status","message":"Jane"}]`;
      times(1, refusing(['1'], { category: 'VALIDATION_ERROR', message }));

      const error = await failure(
        testContacts().writer.write(
          ['1', '2'].map((id) => input(id)),
          'live',
        ),
      );

      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error.message).toContain(`${code} handoff_status`);
      expect(error.message).not.toContain('Jane');
    },
  );

  it('for a property that a single error calls missing is one of the set-up too', async () => {
    const errors = [{ context: { ids: ['1'] }, errors: [{ code: 'PROPERTY_DOESNT_EXIST' }] }];
    http.on('POST', BATCH_UPDATE, { status: 207, body: { results: [result('2')], errors } });

    await expect(testContacts().writer.write([input('1'), input('2')], 'live')).rejects.toThrow(
      ConfigurationError,
    );
  });

  it('for want of a scope concerns the token, not the records', async () => {
    times(1, () => ({ status: 403, body: { category: 'MISSING_SCOPES' } }));

    await expect(testContacts().writer.write([input('1'), input('2')], 'live')).rejects.toThrow(
      CredentialsError,
    );
  });
});
