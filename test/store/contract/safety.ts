import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { MIGRATIONS } from '../../../src/store/migrations.ts';
import type { Place, Subject } from '../contract.ts';
import { collect } from '../samples.ts';

const WRITER = fileURLToPath(new URL('../endless-writer.ts', import.meta.url));
const ROUNDS_BEFORE_THE_KILL = 5;

export function safetyContract(subject: Subject): void {
  describe('several processes', () => {
    it('may start on nothing at the same time', async () => {
      const place = await subject.engine.newPlace();
      try {
        const writers = ['one', 'two', 'three'].map((portal) => startWriter(place, portal, 1));
        await Promise.all(writers.map((writer) => once(writer, 'exit')));
        expect(writers.map((writer) => writer.exitCode)).toEqual([0, 0, 0]);
        const stores = await Promise.all(Array.from({ length: 4 }, () => subject.engine.open(place)));
        expect(await stores[0]!.ids('two', null, 99)).toHaveLength(50);
        await Promise.all(stores.map((store) => store.close()));
        expect(await place.query('select version from migration')).toHaveLength(MIGRATIONS.length);
      } finally {
        await place.remove();
      }
    });

    it('may die while writing: every round is there as a whole', async () => {
      const place = await subject.engine.newPlace();
      try {
        const writer = startWriter(place, 'killed', Number.POSITIVE_INFINITY);
        let told = 0;
        for await (const line of createInterface({ input: writer.stdout! })) {
          told = Number(line);
          if (told === ROUNDS_BEFORE_THE_KILL) writer.kill('SIGKILL');
        }
        const store = await subject.engine.open(place);
        const contacts = await collect(store.storedContacts('killed'));
        await store.close();
        const rounds = new Set(contacts.map(({ contact }) => contact.updatedAt));
        expect(contacts).toHaveLength(50);
        expect(rounds.size).toBe(1);
        expect([...rounds][0]).toBeGreaterThanOrEqual(told);
        for (const { contact, passes } of contacts) {
          expect(passes.map(({ openedAt }) => openedAt)).toEqual([contact.updatedAt, contact.updatedAt]);
        }
      } finally {
        await place.remove();
      }
    });
  });

  describe('a store of another version', () => {
    it('is refused when it is newer, and left as it is', async () => {
      const place = await subject.engine.newPlace();
      try {
        await (await subject.engine.open(place)).close();
        await place.query("insert into migration values (99, 'from the future', 0)");
        const before = [await place.tables(), await place.query('select * from migration')];
        const refused = subject.engine.open(place);
        await expect(refused).rejects.toThrow(ConfigurationError);
        await expect(refused).rejects.toThrow(
          new RegExp(`version 99, .* up to ${MIGRATIONS.length}: upgrade handoff`),
        );
        expect([await place.tables(), await place.query('select * from migration')]).toEqual(before);
      } finally {
        await place.remove();
      }
    });
  });
}

function startWriter(place: Place, portal: string, rounds: number): ChildProcess {
  const { databaseUrl = '', dataDir } = place.options;
  return spawn(process.execPath, [WRITER, dataDir, databaseUrl, portal, String(rounds)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
