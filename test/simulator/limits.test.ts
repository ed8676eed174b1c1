import { describe, expect, it } from 'vitest';
import { addContacts, NOON, type Reply, results, type TestPortal, testPortal } from './support.ts';

const OBJECTS = '/crm/objects/2026-09/contacts';
const LIMITS = { burst: 3, windowMs: 10_000, searchPerSecond: 2, day: 1_000 };

async function statuses(portal: TestPortal, n: number, path = OBJECTS): Promise<number[]> {
  const replies: number[] = [];
  for (let i = 0; i < n; i += 1) replies.push((await ask(portal, path)).status);
  return replies;
}

function ask(portal: TestPortal, path: string): Promise<Reply> {
  return path.endsWith('/search') ? portal.call('POST', path, {}) : portal.call('GET', path);
}

describe('the burst limit', () => {
  it('is a window that slides, not one that starts afresh', async () => {
    const portal = await testPortal({ limits: LIMITS });
    expect(await statuses(portal, 1)).toEqual([200]);
    portal.pass(9_000);
    expect(await statuses(portal, 3)).toEqual([200, 200, 429]);
    portal.pass(1_000);
    expect(await statuses(portal, 2)).toEqual([200, 429]);
    portal.pass(8_999);
    expect(await statuses(portal, 1)).toEqual([429]);
    portal.pass(1);
    expect(await statuses(portal, 3)).toEqual([200, 200, 429]);
  });

  it('says so in headers and body', async () => {
    const portal = await testPortal({ limits: LIMITS });
    const good = await portal.call('GET', OBJECTS);
    expect(Object.fromEntries(good.headers)).toMatchObject({
      'x-hubspot-ratelimit-max': '3',
      'x-hubspot-ratelimit-remaining': '2',
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
      'x-hubspot-ratelimit-daily': '1000',
      'x-hubspot-ratelimit-daily-remaining': '999',
    });
    await statuses(portal, 2);
    const bad = await portal.call('GET', OBJECTS);
    expect(bad.json).toMatchObject({
      status: 'error',
      message: 'You have reached your ten_secondly_rolling limit.',
      errorType: 'RATE_LIMIT',
      policyName: 'TEN_SECONDLY_ROLLING',
    });
    expect(bad.headers.get('retry-after')).toBeNull();
  });

  it('names a wait where it is asked to', async () => {
    const portal = await testPortal({ limits: { ...LIMITS, burst: 0 }, retryAfter: true });
    expect((await portal.call('GET', OBJECTS)).headers.get('retry-after')).toBe('10');
  });
});

describe('the search limit', () => {
  it('stands apart from the burst, and shows no headers', async () => {
    const portal = await testPortal({ limits: LIMITS });
    expect(await statuses(portal, 3)).toEqual([200, 200, 200]);
    expect(await statuses(portal, 3, `${OBJECTS}/search`)).toEqual([200, 200, 429]);
    const bad = await portal.call('POST', `${OBJECTS}/search`, {});
    expect(bad.json).toMatchObject({
      policyName: 'SECONDLY',
      message: 'You have reached your secondly limit.',
    });
    expect([...bad.headers.keys()].filter((name) => name.startsWith('x-hubspot-ratelimit'))).toEqual([]);
    portal.pass(1_000);
    expect(await statuses(portal, 1, `${OBJECTS}/search`)).toEqual([200]);
  });
});

describe('the daily limit', () => {
  it('counts everything and ends at midnight in the account’s zone', async () => {
    const portal = await testPortal({
      limits: { ...LIMITS, burst: 100, day: 3 },
      timeZone: 'America/New_York',
    });
    expect(await statuses(portal, 2)).toEqual([200, 200]);
    expect(await statuses(portal, 2, `${OBJECTS}/search`)).toEqual([200, 429]);
    expect((await portal.call('GET', OBJECTS)).json).toMatchObject({
      policyName: 'DAILY',
      message: 'You have reached your daily limit.',
    });
    portal.pass(Date.UTC(2026, 10, 24, 5) - NOON);
    const usage = results(await portal.call('GET', '/account-info/2026-09/api-usage/daily/private-apps'))[0];
    expect(usage).toMatchObject({
      usageLimit: 3,
      currentUsage: 1,
      fetchStatus: 'SUCCESS',
      resetsAt: '2026-11-25T05:00:00Z',
    });
  });
});

it('counts what it served, what it turned away and the most it saw in a window', async () => {
  const portal = await testPortal({ limits: LIMITS });
  await statuses(portal, 5);
  await statuses(portal, 4, `${OBJECTS}/search`);
  expect(portal.stats()).toEqual({
    calls: { search: 2, read: 3, write: 0, other: 0 },
    violations: { burst: 2, search: 2, day: 0 },
    maxInWindow: { burst: 5, search: 4 },
    today: 9,
    faults: 0,
  });
  portal.resetStats();
  expect(await statuses(portal, 1)).toEqual([200]);
  expect(portal.stats().maxInWindow.burst).toBe(1);
});

describe('faults', () => {
  const RATES = { rate429: 0.1, rate5xx: 0.1, dropped: 0.1, cutOff: 0.1, slow: 0.1, slowMs: 1 };

  async function outcomes(seed: number): Promise<string[]> {
    const portal = await testPortal({ seed, faults: RATES });
    addContacts(portal.portal, 1);
    const seen: string[] = [];
    for (let i = 0; i < 60; i += 1) {
      seen.push(
        await portal.call('GET', OBJECTS).then(
          ({ status }) => String(status),
          () => 'broken',
        ),
      );
    }
    expect(portal.stats().faults).toBeGreaterThan(10);
    return seen;
  }

  it('come in the same order for the same seed', async () => {
    const first = await outcomes(7);
    expect(await outcomes(7)).toEqual(first);
    expect(await outcomes(8)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([...first, '200', '429', 'broken']));
    expect(first.some((status) => status.startsWith('5'))).toBe(true);
  });

  it('give 429s with a policy, and some without', async () => {
    const portal = await testPortal({ faults: { rate429: 1 } });
    const bodies: unknown[] = [];
    for (let i = 0; i < 20; i += 1) bodies.push((await portal.call('GET', OBJECTS)).json);
    expect(bodies).toContainEqual(expect.objectContaining({ policyName: 'TEN_SECONDLY_ROLLING' }));
    expect(bodies).toContainEqual(expect.objectContaining({ category: 'RATE_LIMITS' }));
    expect(portal.stats().violations.burst).toBe(0);
  });

  it('break an answer off after the work was done', async () => {
    const portal = await testPortal({ faults: { cutOff: 1 } });
    const [id] = addContacts(portal.portal, 1);
    await expect(
      portal.call('PATCH', `${OBJECTS}/${id}`, { properties: { country: 'Spain' } }),
    ).rejects.toThrow();
    expect(portal.portal.value(portal.portal.resolve(id!)!, 'country')).toBe('Spain');
  });

  it('lose answers: sometimes before, sometimes after the work', async () => {
    const portal = await testPortal({ faults: { dropped: 1 } });
    const ids = addContacts(portal.portal, 20);
    for (const id of ids) {
      await expect(
        portal.call('PATCH', `${OBJECTS}/${id}`, { properties: { country: 'Spain' } }),
      ).rejects.toThrow();
    }
    const done = ids.filter((id) => portal.portal.value(portal.portal.resolve(id)!, 'country') === 'Spain');
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(ids.length);
  });
});
