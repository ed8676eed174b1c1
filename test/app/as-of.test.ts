import { describe, expect, it } from 'vitest';
import { instantOf } from '../../src/app/as-of.ts';

const at = (iso: string) => Date.parse(iso);

describe('the instant that is meant', () => {
  const now = at('2026-11-24T10:00:00Z');

  it.each([
    ['Europe/London', '2026-11-20', '2026-11-20T23:59:59.999Z'],
    ['America/New_York', '2026-11-20', '2026-11-21T04:59:59.999Z'],
    ['Asia/Tokyo', '2026-11-20', '2026-11-20T14:59:59.999Z'],
    // The day the clocks go back is an hour longer.
    ['Europe/London', '2026-10-25', '2026-10-25T23:59:59.999Z'],
    ['Europe/London', '2026-10-24', '2026-10-24T22:59:59.999Z'],
  ])('in %s, %s ends at %s', (timeZone, date, iso) => {
    expect(instantOf({ date }, timeZone, now)).toBe(at(iso));
  });

  it('is now while the day has not ended there', () => {
    expect(instantOf({ date: '2026-11-24' }, 'Europe/London', now)).toBe(now);
    expect(instantOf({ date: '2026-11-23' }, 'Pacific/Honolulu', at('2026-11-24T09:00:00Z'))).toBe(
      at('2026-11-24T09:00:00Z'),
    );
  });

  it('is an instant as it was given', () => {
    expect(instantOf(at('2026-11-24T09:00:00Z'), 'Asia/Tokyo', now)).toBe(at('2026-11-24T09:00:00Z'));
  });
});
