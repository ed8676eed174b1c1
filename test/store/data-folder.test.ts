import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import { claimDataFolder } from '../../src/store/data-folder.ts';
import { T0 } from './samples.ts';

const log = createLogger('silent');
const MINUTE = 60_000;

describe('the data folder', () => {
  let dir: string;
  let now: number;
  const clock = { now: () => now };
  const claim = (host: string) => claimDataFolder(dir, { clock, log, host });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'handoff-folder-'));
    now = T0;
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(dir, { recursive: true, force: true });
  });

  it('is created for its owner alone, and left clean', async () => {
    dir = join(dir, 'new', 'folder');
    const { release } = await claim('here');
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(readdirSync(dir)).toHaveLength(1);
    await release();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is shared by processes of one machine', async () => {
    writeClaim('here', 4711, T0);
    await (await claim('here')).release();
    expect(readdirSync(dir)).toEqual(['in-use-by.here.4711.json']);
  });

  it('is refused while another machine uses it, saying which and what to do', async () => {
    writeClaim('elsewhere', 12, T0 - MINUTE + 1);
    const refused = claim('here');
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(
      /in use by machine elsewhere \(process 12\) since 2026-08-31T12:00:00.000Z: stop handoff there, or set HANDOFF_DATA_DIR/,
    );
    expect(readdirSync(dir)).toEqual(['in-use-by.elsewhere.12.json']);
  });

  it('is taken over from a machine that is gone', async () => {
    writeClaim('elsewhere', 12, T0 - MINUTE);
    writeFileSync(join(dir, 'in-use-by.half-written.1.json'), '{"host":');
    await (await claim('here')).release();
    expect(readdirSync(dir)).toEqual(['in-use-by.half-written.1.json']);
  });

  it('stays claimed as long as its process lives', async () => {
    const { release } = await claim('here');
    now += 9 * MINUTE;
    vi.advanceTimersByTime(10_000);
    await vi.waitFor(() => expect(beats()).toEqual([now]));
    await expect(claim('elsewhere')).rejects.toThrow('in use by machine here');
    await release();
    vi.advanceTimersByTime(10_000);
    await (await claim('elsewhere')).release();
  });

  it('lets a claim that cannot be renewed go on, and tells the log', async () => {
    const warn = vi.spyOn(log, 'warn');
    const { release } = await claim('here');
    rmSync(dir, { recursive: true });
    vi.advanceTimersByTime(10_000);
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
    await release();
  });

  it('is refused where it cannot be created or written, with the reason', async () => {
    writeFileSync(join(dir, 'file'), '');
    dir = join(dir, 'file');
    await expect(claim('here')).rejects.toThrow(ConfigurationError);
    await expect(claim('here')).rejects.toThrow(/data folder .*file cannot be used \((EEXIST|ENOTDIR)/);
    dir = join(dir, '..');
  });

  function writeClaim(host: string, pid: number, beatAt: number): void {
    const claim = { host, pid, since: T0 - 12 * 60 * MINUTE, beatAt };
    writeFileSync(join(dir, `in-use-by.${host}.${pid}.json`), JSON.stringify(claim));
  }

  function beats(): unknown[] {
    return readdirSync(dir).map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')).beatAt);
  }
});
