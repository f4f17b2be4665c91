import assert from 'node:assert/strict';
import { test } from 'node:test';
import officeCrypto from 'officecrypto-tool';
import { libraryBook } from '../../../test/helpers/library-book.ts';
import { readTables } from '../../../test/helpers/read-tables.ts';
import { Problem } from '../../core/problem.ts';
import { xlsxFormat } from '../xlsx.ts';

const rows = Array.from({ length: 3000 }, (_, index) => [`name ${index}`, index, `ü € 漢 ${index * 7}`]);
const plain = libraryBook('xlsx', [{ name: 'people', rows: [['name', 'n', 'text'], ...rows] }]);
const agile = officeCrypto.encrypt(plain, { password: 'pa ss wörd' });
const standard = officeCrypto.encrypt(plain, { password: 'pa ss wörd', type: 'standard' });

const read = (bytes: Buffer, password?: string, chunkBytes = 65_536) =>
  readTables(xlsxFormat, bytes, { chunkBytes, ...(password !== undefined && { password }) });
const codeOf = (bytes: Buffer, password?: string) =>
  read(bytes, password).then(
    () => 'read',
    (error) => (error instanceof Problem ? error.code : String(error)),
  );
/** The bytes with `from`, which must be there, replaced by as many others. */
const changed = (bytes: Buffer, from: string, to: string): Buffer => {
  const at = bytes.indexOf(from);
  assert.ok(at > 0 && from.length === to.length);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(to), bytes.subarray(at + from.length)]);
};

for (const [kind, bytes] of Object.entries({ agile, standard })) {
  test(`a workbook under ${kind} encryption is read as the plain one is, with the right password alone`, async () => {
    assert.deepEqual(await read(bytes, 'pa ss wörd'), await read(plain));
    assert.equal(await codeOf(bytes), 'workbook_encrypted');
    assert.equal(await codeOf(bytes, 'pa ss word'), 'password_wrong');
  });

  test(`a workbook under ${kind} encryption comes out the same in chunks of any size, and cut off nowhere`, async () => {
    const whole = await read(plain);
    for (const chunkBytes of [1000, 4095, 4097]) assert.deepEqual(await read(bytes, 'pa ss wörd', chunkBytes), whole);
    for (let size = Math.floor(bytes.length * 0.97); size > 600; size -= Math.ceil(bytes.length / 50)) {
      assert.match(await codeOf(bytes.subarray(0, size), 'pa ss wörd'), /^(workbook_corrupt|content_mismatch)$/);
    }
  });
}

test('a workbook that is locked only against changes opens without a password, as it does in Excel', async () => {
  const bytes = officeCrypto.encrypt(plain, { password: 'VelvetSweatshop' });
  assert.deepEqual(await read(bytes), await read(plain));
});

test('a password that takes too many rounds is refused before any is done', async () => {
  const bytes = changed(agile, 'spinCount="100000" ', 'spinCount="9999999"');
  assert.equal(await codeOf(bytes, 'pa ss wörd'), 'unsupported_format');
});

test('an encrypted byte that was changed is found before anything is read', async () => {
  const bytes = Buffer.from(agile);
  const middle = bytes.indexOf('EncryptedPackage', 0, 'utf16le') > 0 ? bytes.length >> 1 : 0;
  bytes[middle]! ^= 1;
  assert.equal(await codeOf(bytes, 'pa ss wörd'), 'workbook_corrupt');
});

test('what is no workbook does not become one by encryption', async () => {
  const bytes = officeCrypto.encrypt(Buffer.from('name,n\nAsha,1\n'), { password: 'x' });
  assert.equal(await codeOf(bytes, 'x'), 'workbook_corrupt');
});
