/**
 * Reads generated files of delimited text with Intakt's reader, csv-parse and papaparse and compares them cell for cell.
 * Ends at the first difference, with the seed of its file.
 *
 *     node scripts/score-csv-differential.ts [COUNT, default 1000000] [SEED, default 1]
 */
import { compareReaders } from '../test/helpers/csv-differential.ts';

const [count = 1_000_000, seed = 1] = process.argv.slice(2).map(Number);
const STEP = 10_000;
let cells = 0;
for (let done = 0; done < count; done += STEP) {
  cells += await compareReaders(seed + done, Math.min(STEP, count - done));
  if (done % (10 * STEP) === 0) console.log(`${Math.min(done + STEP, count)} files, ${cells} cells`);
}
console.log(`${count} files from seed ${seed}: ${cells} cells read alike by all three`);
