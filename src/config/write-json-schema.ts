/** `npm run schema`: writes what editors and readers are given from the definition in `schema.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configJsonSchema, keysTable } from './json-schema.ts';

const SCHEMA = new URL('../../config/handoff.schema.json', import.meta.url);
const README = new URL('../../config/README.md', import.meta.url);

writeFileSync(SCHEMA, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
writeFileSync(
  README,
  readFileSync(README, 'utf8').replace(
    /<!-- keys -->[\s\S]*<!-- \/keys -->/,
    `<!-- keys -->\n${keysTable()}\n<!-- /keys -->`,
  ),
);
