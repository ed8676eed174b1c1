import { describe, expect, it } from 'vitest';
import { failOnDifference, mockHttp } from './http-mock.ts';

const http = mockHttp('https://example.com');

describe('a mocked server', () => {
  it('answers what was written down, in that order, and notes the calls', async () => {
    http.on('POST', '/a', { status: 201, body: { first: true }, headers: { 'x-left': '1' } });
    http.on('POST', '/a', ({ query }) => ({ body: query }));

    const first = await fetch('https://example.com/a', { method: 'POST', body: '{"n":1}' });
    const second = await fetch('https://example.com/a?q=2', { method: 'POST' });

    expect([first.status, first.headers.get('x-left'), await first.json()]).toEqual([
      201,
      '1',
      { first: true },
    ]);
    expect(await second.json()).toEqual({ q: '2' });
    expect(http.calls).toMatchObject([
      { method: 'POST', path: '/a', body: { n: 1 } },
      { query: { q: '2' }, body: null },
    ]);
  });

  it('breaks connections', async () => {
    http.drop('GET', '/a');

    await expect(fetch('https://example.com/a')).rejects.toThrow();
  });

  it('starts each test without calls', () => {
    expect(http.calls).toEqual([]);
  });

  it.each([
    ['a call without an answer', { asked: ['GET /b'], unused: [], answered: [] }, /GET \/b/],
    [
      'an answer nobody asked for',
      { asked: [], unused: ['GET /c'], answered: ['GET /d'] },
      /GET \/c.*GET \/d/s,
    ],
  ])('fails on %s and lists both', (_, found, listed) => {
    expect(() => failOnDifference(found)).toThrow(listed);
  });

  it('is content when both agree', () => {
    expect(() => failOnDifference({ asked: [], unused: [], answered: ['GET /d'] })).not.toThrow();
  });
});
