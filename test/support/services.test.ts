import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe, expect, inject, it } from 'vitest';

const redisUrl = inject('redisUrl');
const databaseUrl = inject('databaseUrl');

describe.skipIf(redisUrl === null)('the Redis of a test run', () => {
  it('answers, and keeps nothing on disk', async () => {
    const client = new Redis(redisUrl!);
    try {
      expect(await client.config('GET', 'save')).toEqual(['save', '']);
      expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'no']);
    } finally {
      await client.quit();
    }
  });
});

describe.skipIf(databaseUrl === null)('the PostgreSQL of a test run', () => {
  it('answers, speaks UTF-8 and lets tests create schemas', async () => {
    const client = new Client({ connectionString: databaseUrl! });
    await client.connect();
    try {
      expect((await client.query('SHOW server_encoding')).rows).toEqual([{ server_encoding: 'UTF8' }]);
      await client.query('CREATE SCHEMA services_test');
    } finally {
      await client.end();
    }
  });
});
