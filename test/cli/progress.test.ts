import { describe, expect, it } from 'vitest';
import { createProgress, duration, progressLine } from '../../src/cli/progress.ts';
import { recordIo } from '../support/io.ts';

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7_799, '2 h 09 min'],
    [-3, '0 s'],
  ])('says %d s as %s', (seconds, said) => {
    expect(duration(seconds)).toBe(said);
  });
});

describe('progressLine', () => {
  it('shows bar, counts, rate and time left', () => {
    const line = progressLine({ label: 'main full', done: 500, total: 2_000 }, 10_000, 120);
    expect(line).toBe(`main full  ${'█'.repeat(6)}${'░'.repeat(18)}  500 of 2000  50/s  30 s left`);
  });

  it('knows no time left before the total is known or anything is done', () => {
    expect(progressLine({ label: 'a', done: 0, total: 10 }, 1_000, 120)).not.toContain('left');
    expect(progressLine({ label: 'a', done: 5, total: null, note: 'searching' }, 1_000, 120)).toMatch(
      /5 {2}5\/s {2}searching$/,
    );
  });

  it('never runs over the width of the terminal', () => {
    expect(progressLine({ label: 'a long name of a portal', done: 1, total: 2 }, 1_000, 40)).toHaveLength(39);
  });
});

describe('createProgress', () => {
  it('draws over its line on a terminal', () => {
    const io = recordIo(80);
    const progress = createProgress(io, false);
    progress.show({ label: 'a', done: 1, total: 2 }, 1_000);
    progress.clear();
    const [before, line, after] = io.text.err.split('\r\u001b[2K');
    expect([before, after]).toEqual(['', '']);
    expect(line).toMatch(/^a .*1 of 2/);
  });

  it.each([
    ['without a terminal', null, false],
    ['when JSON is asked for', 80, true],
  ])('is silent %s', (_, columns, quiet) => {
    const io = recordIo(columns);
    createProgress(io, quiet).show({ label: 'a', done: 1, total: 2 }, 1_000);
    expect(io.text.err).toBe('');
  });
});
