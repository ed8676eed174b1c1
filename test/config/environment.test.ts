import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkEnvironment, readEnvironment } from '../../src/config/environment.ts';
import { ConfigurationError } from '../../src/errors.ts';

describe('the environment', () => {
  it('has defaults, and no engines, where nothing is set', () => {
    const { variable, ...rest } = checkEnvironment({});
    expect(rest).toEqual({ hubspotBaseUrl: 'https://api.hubapi.com', dataDir: '.handoff', logLevel: 'warn' });
    expect(variable('HUBSPOT_ACCESS_TOKEN')).toBeUndefined();
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = { HUBSPOT_BASE_URL: '', REDIS_URL: '', HANDOFF_DATA_DIR: '', LOG_LEVEL: '', TOKEN: '' };
    const { variable, ...rest } = checkEnvironment(empty);
    expect(rest).toEqual({ hubspotBaseUrl: 'https://api.hubapi.com', dataDir: '.handoff', logLevel: 'warn' });
    expect(variable('TOKEN')).toBeUndefined();
  });

  it('gives what is set', () => {
    const { variable, ...rest } = checkEnvironment({
      HUBSPOT_BASE_URL: 'http://127.0.0.1:8090/',
      REDIS_URL: 'rediss://:password@redis.internal:6379/2',
      DATABASE_URL: 'postgres://handoff:p%40ss@db/handoff',
      HANDOFF_DATA_DIR: '/var/lib/handoff',
      LOG_LEVEL: 'debug',
      TOKEN: 'pat-x',
    });
    expect(rest).toEqual({
      hubspotBaseUrl: 'http://127.0.0.1:8090',
      redisUrl: 'rediss://:password@redis.internal:6379/2',
      databaseUrl: 'postgres://handoff:p%40ss@db/handoff',
      dataDir: '/var/lib/handoff',
      logLevel: 'debug',
    });
    expect(variable('TOKEN')).toBe('pat-x');
  });

  it('names every fault in one message, and no value', () => {
    const check = () =>
      checkEnvironment({
        HUBSPOT_BASE_URL: 'secret.example',
        REDIS_URL: 'http://:secret@redis',
        DATABASE_URL: 'mysql://root:secret@db',
        LOG_LEVEL: 'secret',
      });
    expect(check).toThrow(ConfigurationError);
    expect(check).toThrow(
      [
        'The environment (or .env) cannot be used:',
        '  - HUBSPOT_BASE_URL must be an address beginning with https:// (or http:// for a simulated portal)',
        '  - REDIS_URL must be an address beginning with redis:// or rediss://',
        '  - DATABASE_URL must be an address beginning with postgresql://',
        '  - LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent',
      ].join('\n'),
    );
    expect(check).not.toThrow(/secret/);
  });
});

describe('.env', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'handoff-env-'));
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it('is read from the working folder, and stays out of the environment of this process', () => {
    writeFileSync(join(folder, '.env'), 'HANDOFF_TEST_TOKEN=pat-from-file\nHANDOFF_DATA_DIR=elsewhere\n');
    vi.stubEnv('HANDOFF_DATA_DIR', undefined);
    const { variable, dataDir } = readEnvironment();
    expect(variable('HANDOFF_TEST_TOKEN')).toBe('pat-from-file');
    expect(dataDir).toBe('elsewhere');
    expect(process.env).not.toHaveProperty('HANDOFF_TEST_TOKEN');
  });

  it('gives way to what is set', () => {
    writeFileSync(join(folder, '.env'), 'HANDOFF_TEST_TOKEN=pat-from-file\n');
    vi.stubEnv('HANDOFF_TEST_TOKEN', 'pat-set');
    expect(readEnvironment().variable('HANDOFF_TEST_TOKEN')).toBe('pat-set');
  });

  it('need not be there', () => {
    vi.stubEnv('HANDOFF_DATA_DIR', undefined);
    expect(readEnvironment().dataDir).toBe('.handoff');
  });
});
