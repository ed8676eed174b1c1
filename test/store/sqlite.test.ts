import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConfigurationError, UnavailableError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import { MIGRATIONS, migrate } from '../../src/store/migrations.ts';
import { openStore, storeOn } from '../../src/store/open-store.ts';
import { openSqlite, SQLITE_FILE } from '../../src/store/sqlite.ts';
import { whenFree } from '../../src/store/sqlite-driver.ts';
import { type Place, storeContract } from './contract.ts';
import { aSaved } from './samples.ts';

const clock = { now: () => 0 };
const log = createLogger('silent');

describe('the SQLite store', () => {
  storeContract({
    newPlace: async () => placeIn(mkdtempSync(join(tmpdir(), 'handoff-store-'))),
    open: ({ options }) => openStore({ ...options, clock, log }),
  });

  it('creates its folder for its owner alone', async () => {
    const dir = join(newFolder(), 'deep', 'down');
    await (await openStore({ dataDir: dir, clock, log })).close();
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(existsSync(join(dir, SQLITE_FILE))).toBe(true);
  });

  it('says when the folder cannot be created', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    const refused = openStore({ dataDir: join(file, 'data'), clock, log });
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(`${file}/data cannot be used (ENOTDIR`);
  });

  it.each([
    ['no database', 'a shopping list, long enough to be read as a page\n'.repeat(100)],
    ['a database cut short', 'SQLite format 3\u0000'.padEnd(5000, 'x')],
  ])('says when the file is %s, and leaves it', async (_, content) => {
    const dir = newFolder();
    const file = join(dir, SQLITE_FILE);
    writeFileSync(file, content);
    const refused = openStore({ dataDir: dir, clock, log });
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(`${file} is damaged`);
    expect(statSync(file).size).toBe(content.length);
  });

  it('says when the file is a folder', async () => {
    const dir = newFolder();
    const refused = openStore({ dataDir: join(dir), clock, log });
    await (await refused).close();
    const other = newFolder();
    await (await openStore({ dataDir: join(other, SQLITE_FILE), clock, log })).close();
    await expect(openStore({ dataDir: other, clock, log })).rejects.toThrow('cannot be opened for writing');
  });

  it('loses nothing when the disk is full, and goes on when there is room again', async () => {
    const dir = newFolder();
    const engine = await openSqlite(dir);
    await migrate(engine, clock);
    const store = storeOn(engine);
    await store.save('acme', [aSaved('1')]);
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(engine.db);
    await sql`pragma max_page_count = ${sql.lit(rows[0]!.page_count + 2)}`.execute(engine.db);
    const many = Array.from({ length: 1_000 }, (_, index) => aSaved(String(index + 2)));
    const refused = store.save('acme', many);
    await expect(refused).rejects.toThrow(UnavailableError);
    await expect(refused).rejects.toThrow(
      `No space left in ${dir}: free some and start again; nothing was lost.`,
    );
    expect(await store.ids('acme', null, 10)).toEqual(['1']);
    await sql`pragma max_page_count = 1000000`.execute(engine.db);
    await store.save('acme', many);
    expect(await store.ids('acme', null, 2_000)).toHaveLength(1_001);
    await store.close();
  });

  it('undoes a migration that fails, with all before it', async () => {
    const dir = newFolder();
    const engine = await openSqlite(dir);
    const failing = { name: 'failing', up: () => Promise.reject(new Error('half way')) };
    await expect(migrate(engine, clock, [...MIGRATIONS, failing])).rejects.toThrow('half way');
    expect(await placeIn(dir).tables()).toEqual([]);
    await migrate(engine, clock);
    const later = { name: 'later', up: () => Promise.resolve() };
    await migrate(engine, clock, [...MIGRATIONS, later]);
    await expect(migrate(engine, clock)).rejects.toThrow('upgrade handoff');
    await engine.close();
  });

  it('waits for a lock to be released, but not for ever, and for nothing else', async () => {
    const locked = Object.assign(new Error('database is locked'), { errcode: 5 });
    const released = vi.fn().mockReturnValue('done');
    released.mockImplementationOnce(() => {
      throw locked;
    });
    expect(await whenFree(released)).toBe('done');
    const never = vi.fn((error: Error) => {
      throw error;
    });
    await expect(whenFree(() => never(locked), 5)).rejects.toBe(locked);
    expect(never.mock.calls.length).toBeGreaterThan(1);
    never.mockClear();
    await expect(whenFree(() => never(new Error('other')), 5)).rejects.toThrow('other');
    expect(never).toHaveBeenCalledOnce();
  });

  it('lets one process write while another reads for long', async () => {
    const dir = newFolder();
    const [writer, reader] = [await openSqlite(dir), await openSqlite(dir)];
    await migrate(writer, clock);
    const store = storeOn(writer);
    await store.save('acme', [aSaved('1')]);
    const counts = await reader.read(async (db) => {
      const count = () => db.selectFrom('contact').select('updated_at').execute();
      const before = await count();
      await store.save('acme', [aSaved('2')]);
      return [before.length, (await count()).length];
    });
    expect(counts).toEqual([1, 1]);
    expect(await storeOn(reader).ids('acme', null, 9)).toEqual(['1', '2']);
    await Promise.all([writer.close(), reader.close()]);
  });
});

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'handoff-store-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function placeIn(dataDir: string): Place {
  const query = async (statement: string) => {
    const database = new DatabaseSync(join(dataDir, SQLITE_FILE), { readBigInts: true });
    try {
      return database.prepare(statement).all();
    } finally {
      database.close();
    }
  };
  return {
    options: { dataDir },
    query,
    async tables() {
      const rows = await query("select name from sqlite_master where type = 'table' order by name");
      return rows.map(({ name }) => String(name));
    },
    remove: async () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
