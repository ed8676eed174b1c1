import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addSimulateCommand } from '../../src/cli/simulate.ts';

/** Runs the command and, once it has greeted, hands over its text; then stops it. */
async function simulate(args: readonly string[], meanwhile: (greeting: string) => Promise<void>) {
  const stop = new AbortController();
  const printed = Promise.withResolvers<string>();
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  let farewell = '';
  addSimulateCommand(program, {
    columns: null,
    color: false,
    exit: () => {},
    out: printed.resolve,
    err: (text) => {
      farewell += text;
    },
    signal: stop.signal,
  });
  const running = program.parseAsync([
    'node',
    'handoff',
    'simulate',
    '--port',
    '0',
    '--latency',
    '0',
    ...args,
  ]);
  await Promise.race([running, printed.promise.then(meanwhile)]);
  stop.abort();
  await running;
  return farewell;
}

describe('handoff simulate', () => {
  it('serves what it says, until it is told to stop', async () => {
    let url = '';
    const farewell = await simulate(['--contacts', '30'], async (greeting) => {
      url = /HUBSPOT_BASE_URL=(\S+)/.exec(greeting)?.[1] ?? '';
      const token = /HUBSPOT_ACCESS_TOKEN=(\S+)/.exec(greeting)?.[1] ?? '';
      const headers = { authorization: `Bearer ${token}` };
      const reply = await fetch(`${url}/crm/objects/2026-09/contacts`, { headers });
      expect(reply.status).toBe(200);
    });
    expect(farewell).toContain('Served 0 searches, 1 reads');
    await expect(fetch(url)).rejects.toThrow();
  });

  it('says on start which leads closed before their first contact', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leads-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(
      join(folder, 'leads.csv'),
      'mql_id,first_contact_date,landing_page_id,origin\na,2018-02-02,l,\n',
    );
    writeFileSync(join(folder, 'won.csv'), 'mql_id,seller_id,won_date\na,s,2018-02-01\n');
    await simulate(['--leads', folder], async (greeting) => {
      expect(greeting.split('\n').slice(1, 3)).toEqual([
        expect.stringMatching(/^Leads that closed before their first contact: 1 of 1\./),
        '',
      ]);
    });
    await simulate(['--contacts', '0'], async (greeting) => {
      expect(greeting).not.toContain('closed');
    });
  });

  it('takes limits and faults', async () => {
    await simulate(['--contacts', '0', '--burst', '0'], async (greeting) => {
      const url = /HUBSPOT_BASE_URL=(\S+)/.exec(greeting)?.[1] ?? '';
      const token = /HUBSPOT_ACCESS_TOKEN=(\S+)/.exec(greeting)?.[1] ?? '';
      const reply = await fetch(`${url}/crm/owners/2026-09`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(reply.status).toBe(429);
    });
  });

  it('meets every call with a fault when told to, some of them only slow', async () => {
    const farewell = await simulate(['--contacts', '0', '--faults', '1'], async (greeting) => {
      const url = /HUBSPOT_BASE_URL=(\S+)/.exec(greeting)?.[1] ?? '';
      const token = /HUBSPOT_ACCESS_TOKEN=(\S+)/.exec(greeting)?.[1] ?? '';
      const ask = async () => {
        const headers = { authorization: `Bearer ${token}` };
        const reply = await fetch(`${url}/crm/objects/2026-09/contacts`, { headers });
        await reply.json();
        return reply.status;
      };
      const asked = await Promise.allSettled(Array.from({ length: 40 }, ask));
      const answers = asked.map((one) => (one.status === 'fulfilled' ? one.value : 'none'));
      expect(answers).toEqual(expect.arrayContaining([200, 429, 'none']));
    });
    expect(farewell).toMatch(/spoilt \d+ on purpose/);
  });

  it.each([
    [['--contacts', 'many'], 'whole number'],
    [['--faults', '2'], 'from 0 to 1'],
    [['--time-zone', 'Mars/Base'], 'time zone'],
    [['--leads', 'nowhere.csv'], 'no such file'],
    [['--port', '70000'], 'from 0 to 65535'],
  ])('refuses %j', async (args, message) => {
    await expect(simulate(args, async () => {})).rejects.toThrow(message);
  });

  it('says so when the port is taken', async () => {
    await simulate(['--contacts', '0'], async (greeting) => {
      const port = /HUBSPOT_BASE_URL=\S+:(\d+)/.exec(greeting)?.[1] ?? '';
      await expect(simulate(['--contacts', '0', '--port', port], async () => {})).rejects.toThrow(
        'cannot listen',
      );
    });
  });

  it('tells a script where the portal is', async () => {
    await simulate(['--contacts', '5', '--json'], async (printed) => {
      const { url, token, contacts } = JSON.parse(printed);
      expect(contacts).toBe(5);
      const answer = await fetch(`${url}/account-info/2026-09/details`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status).toBe(200);
    });
  });
});
