/** `npm run docs`: writes the generated tables into README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withTables } from './documents.ts';

const README = new URL('../../README.md', import.meta.url);
writeFileSync(README, withTables(readFileSync(README, 'utf8')));
