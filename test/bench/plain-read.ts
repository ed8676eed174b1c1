/** Reads what a scorecard needs from the store's file, row by row, and makes nothing of it. */
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2] ?? '', { readOnly: true });
const rows = database.prepare(`
  SELECT pass.*, contact.fit, contact.flags
  FROM pass JOIN contact ON contact.portal = pass.portal AND contact.id = pass.contact_id
  WHERE contact.archived = 0 ORDER BY pass.contact_id, pass.number`);
let passes = 0;
for (const row of rows.iterate()) if (row.opened_at !== null) passes += 1;
database.close();
process.stdout.write(JSON.stringify({ passes }));
