/**
 * What one would write in an afternoon, with the SDK as its documentation shows it: page through all contacts with their
 * stage history, one page after the other, note when each became MQL and SQL, update in batches of 100, and wait when
 * HubSpot says so. No store, no echo detection, no restart: only here to compare with.
 */
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@hubspot/api-client';
import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from '@hubspot/api-client/lib/codegen/crm/properties/index.js';

const PAGE = 50;
const BATCH = 100;
const GROUP = 'plainscript';
const PROPERTIES = ['plain_mql_date', 'plain_sql_date', 'plain_hours_to_qualify'];

interface Input {
  readonly id: string;
  readonly properties: Record<string, string>;
}

const { HUBSPOT_ACCESS_TOKEN = '', HUBSPOT_BASE_URL = '' } = process.env;
const client = new Client({ accessToken: HUBSPOT_ACCESS_TOKEN, basePath: HUBSPOT_BASE_URL });
await createProperties();
console.log(JSON.stringify({ written: await updateAll() }));

async function createProperties(): Promise<void> {
  const { groupsApi, batchApi } = client.crm.properties;
  await patiently(() =>
    groupsApi.create('contacts', { name: GROUP, label: 'Plain script', displayOrder: -1 }),
  );
  const inputs = PROPERTIES.map((name) => ({
    ...{ name, label: name, groupName: GROUP },
    ...{ type: PropertyCreateTypeEnum.String, fieldType: PropertyCreateFieldTypeEnum.Text },
  }));
  await patiently(() => batchApi.create('contacts', { inputs }));
}

async function updateAll(): Promise<number> {
  let written = 0;
  let inputs: Input[] = [];
  async function flush(): Promise<void> {
    await patiently(() => client.crm.contacts.batchApi.update({ inputs }));
    written += inputs.length;
    inputs = [];
  }
  for (let after: string | undefined, more = true; more; ) {
    const page = await patiently(() =>
      client.crm.contacts.basicApi.getPage(PAGE, after, undefined, ['lifecyclestage']),
    );
    for (const { id, propertiesWithHistory } of page.results) {
      const properties = valuesOf(propertiesWithHistory?.lifecyclestage ?? []);
      if (properties !== null) inputs.push({ id, properties });
      if (inputs.length === BATCH) await flush();
    }
    after = page.paging?.next?.after;
    more = after !== undefined;
  }
  if (inputs.length > 0) await flush();
  return written;
}

/** First MQL, first SQL and the hours between; null where there is neither. */
function valuesOf(
  history: readonly { readonly value: string; readonly timestamp: Date }[],
): Record<string, string> | null {
  const first = (stage: string) => history.findLast(({ value }) => value === stage)?.timestamp;
  const mql = first('marketingqualifiedlead');
  const sql = first('salesqualifiedlead');
  if (mql === undefined && sql === undefined) return null;
  const hours = mql && sql ? String((sql.getTime() - mql.getTime()) / 3_600_000) : '';
  const [mqlDate, sqlDate, hoursBetween] = PROPERTIES as [string, string, string];
  return {
    [mqlDate]: mql?.toISOString() ?? '',
    [sqlDate]: sql?.toISOString() ?? '',
    [hoursBetween]: hours,
  };
}

/** Tries again after HubSpot's ten seconds when it says 429. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 429) throw error;
      await pause(10_000);
    }
  }
}
