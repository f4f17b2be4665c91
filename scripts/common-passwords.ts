/**
 * Makes `server/accounts/common-passwords.txt`: the 10,000 commonest passwords that are long enough to be chosen here,
 * commonest first, in the form in which they are compared. They come from `@zxcvbn-ts/language-common` (MIT, see
 * `common-passwords.license.txt` beside the list), which orders them by how often they stood in leaked collections.
 *
 *     npm pack @zxcvbn-ts/language-common@4.1.3 && tar -xzf zxcvbn-ts-language-common-4.1.3.tgz
 *     node scripts/common-passwords.ts package
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHORTEST, toCompare } from '../server/accounts/passwords.ts';

const MOST = 10_000;
const FOLDER = join(import.meta.dirname, '../server/accounts');

const [source] = process.argv.slice(2);
if (!source) throw new Error('Name the folder of the unpacked package.');
const all = JSON.parse(readFileSync(join(source, 'src/passwords.json'), 'utf8')) as string[];
const common = [...new Set(all.map(toCompare))].filter((password) => [...password].length >= SHORTEST).slice(0, MOST);
writeFileSync(join(FOLDER, 'common-passwords.txt'), `${common.join('\n')}\n`);
copyFileSync(join(source, 'LICENSE.txt'), join(FOLDER, 'common-passwords.license.txt'));
console.log(`server/accounts/common-passwords.txt: ${common.length} passwords`);
