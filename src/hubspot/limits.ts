import type { LearntLimits } from '../ports.ts';

/**
 * Limits that an answer's headers tell (developers.hubspot.com, "API usage guidelines"); null: none. Searches carry
 * none, OAuth apps no daily ones.
 */
export function limitsIn(headers: Headers): LearntLimits | null {
  const [max, windowMs] = [read(headers, 'max'), read(headers, 'interval-milliseconds')];
  const [dayMax, remaining] = [read(headers, 'daily'), read(headers, 'daily-remaining')];
  const burst =
    max !== null && windowMs !== null && max > 0 && windowMs > 0 ? { burst: { max, windowMs } } : {};
  const day = dayMax !== null && remaining !== null && dayMax > 0 ? { day: { max: dayMax, remaining } } : {};
  const limits = { ...burst, ...day };
  return Object.keys(limits).length === 0 ? null : limits;
}

function read(headers: Headers, name: string): number | null {
  const text = headers.get(`x-hubspot-ratelimit-${name}`);
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
