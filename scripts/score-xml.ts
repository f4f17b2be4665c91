/**
 * The verdicts of the XML reader on a folder of the W3C's conformance tests (`xmlconf`). Documents without a document
 * type must be taken where they are well-formed; those with one must all be refused. What is not well-formed and is
 * taken all the same is counted: the reader does not check which characters stand in names, comments and declarations.
 *
 *     node scripts/score-xml.ts FOLDER
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../server/core/problem.ts';
import { xmlFormat } from '../server/parse/xml.ts';
import { readTables } from '../test/helpers/read-tables.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  console.log('No such folder: nothing is scored. Give the xmlconf of the W3C’s XML conformance tests.');
  process.exit(folder === undefined ? 1 : 0);
}

const counts = { wellFormed: 0, taken: 0, notWellFormed: 0, refused: 0, withType: 0, typesRefused: 0 };
for (const name of readdirSync(folder, { recursive: true }).map(String)) {
  if (!/\.xml$/.test(name) || !/(?:^|\/)(?:valid|invalid|not-wf|p\d+(?:pass|fail))/.test(name) || /\/out\//.test(name))
    continue;
  const bytes = readFileSync(join(folder, name));
  const isRefused = await refuses(bytes);
  // Neither in a comment nor in a CDATA section.
  const text = `${bytes.toString('latin1')}${bytes.toString('utf16le')}`.replace(
    /<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>/gs,
    '',
  );
  if (text.includes('<!DOCTYPE')) {
    counts.withType++;
    if (isRefused) counts.typesRefused++;
    else console.log(`TAKEN with a document type: ${name}`);
  } else if (/not-wf|fail/.test(name)) {
    counts.notWellFormed++;
    if (isRefused) counts.refused++;
  } else {
    counts.wellFormed++;
    if (!isRefused) counts.taken++;
    else console.log(`REFUSED: ${name}`);
  }
}
console.log(`well-formed, without a document type: ${counts.taken}/${counts.wellFormed} taken`);
console.log(`with a document type: ${counts.typesRefused}/${counts.withType} refused`);
console.log(`not well-formed: ${counts.refused}/${counts.notWellFormed} refused`);

/** Whether it is refused for its form; a document without data is read. */
async function refuses(bytes: Buffer): Promise<boolean> {
  try {
    await readTables(xmlFormat, bytes, { name: 'case.xml' });
    return false;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.code === 'xml_invalid' || error.code === 'encoding_invalid';
  }
}
