/**
 * The verdicts of the CSV reader on csv-spectrum (max-mapper/csv-spectrum): each of `csvs` must give the rows in `json`,
 * the names of columns and all cells as text, nothing told.
 *
 *     node scripts/score-csv-spectrum.ts FOLDER
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { csvFormat } from '../server/parse/csv.ts';
import { readTables } from '../test/helpers/read-tables.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(join(folder, 'csvs'))) {
  console.log('No such folder: nothing is scored. Give a copy of max-mapper/csv-spectrum.');
  process.exit(folder === undefined ? 1 : 0);
}

const files = readdirSync(join(folder, 'csvs'));
let right = 0;
for (const name of files) {
  const [table] = await readTables(csvFormat, readFileSync(join(folder, 'csvs', name)), { name });
  const rows = table!.rows.map((row) => Object.fromEntries(row.map((cell, i) => [table!.columns[i], cell ?? ''])));
  // The only row of one file is not in an array.
  const wanted = [JSON.parse(readFileSync(join(folder, 'json', name.replace(/csv$/, 'json')), 'utf8'))].flat();
  if (isDeepStrictEqual(rows, wanted)) right++;
  else console.log(`WRONG ${name}: ${JSON.stringify(rows)}`);
}
console.log(`${right} of ${files.length} files as they must be`);
if (right < files.length) process.exitCode = 1;
