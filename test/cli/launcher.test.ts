/** The launcher under an older Node, which it hands over from. The version is made up: the Node that runs is new enough. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const LAUNCHER = join(import.meta.dirname, '../../src/cli/handoff.js');
const OLDER = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.9.0' } })`;

function launch(file: string, ...args: string[]) {
  const preload = `data:text/javascript,${encodeURIComponent(OLDER)}`;
  const child = spawn(process.execPath, ['--import', preload, file, ...args]);
  const text = { out: '', err: '' };
  child.stdout.on('data', (part) => {
    text.out += part;
  });
  child.stderr.on('data', (part) => {
    text.err += part;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, ...text }));
  return { child, ended };
}

it('hands over to the Node of the project, with arguments and exit code', async () => {
  const shown = await launch(LAUNCHER, 'sync', '--help').ended;
  expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('--rejudge'), err: '' });
  const refused = await launch(LAUNCHER, 'sync', '--config', 'nowhere.yaml').ended;
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('there is no such file') });
});

it('hands signals over, and ends as the command ends', async () => {
  const { child, ended } = launch(LAUNCHER, 'simulate', '--port', '0', '--contacts', '5');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, err: expect.stringContaining('Served') });
});

it('says which Node is needed where there is none of the project', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-launcher-'));
  try {
    await copyFile(LAUNCHER, join(folder, 'handoff.mjs'));
    const { code, out, err } = await launch(join(folder, 'handoff.mjs'), 'sync').ended;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/needs Node 26 or newer; this is 20\.9\.0.*npm ci/s);
  } finally {
    await rm(folder, { recursive: true });
  }
});
