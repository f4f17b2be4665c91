import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { sourceOf } from '../../test/helpers/read-tables.ts';
import { detectEncoding } from './encoding.ts';
import { countSequences, escapeInvalid, sequenceLength } from './utf8-sequences.ts';
import { openUtf8 } from './utf8-stream.ts';

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const mark = (hex: string, bytes: Buffer) => Buffer.concat([Buffer.from(hex, 'hex'), bytes]);
const detect = async (bytes: Uint8Array, label?: string, chunkBytes?: number) =>
  detectEncoding(sourceOf(bytes, chunkBytes), label);

/** The bytes that a reader sees of `bytes`. */
async function transcoded(bytes: Uint8Array, label: string | undefined, chunkBytes: number): Promise<Buffer> {
  const source = sourceOf(bytes, chunkBytes);
  const stream = openUtf8(source, await detectEncoding(source, label));
  const target = Buffer.alloc(bytes.length * 4 + 16);
  const length = await stream.read(target, 0, target.length);
  assert.equal(stream.consumed(), bytes.length);
  return target.subarray(0, length);
}

const TEXT = 'name,city\r\nZoë,Köln\r\nआशा,पुणे\r\n😀,𝔘\r\n';

test('a byte order mark tells the encoding and is no part of the text', async () => {
  for (const [bytes, label] of [
    [mark('efbbbf', Buffer.from(TEXT)), 'utf-8'],
    [mark('fffe', Buffer.from(TEXT, 'utf16le')), 'utf-16le'],
    [mark('feff', utf16be(TEXT)), 'utf-16be'],
  ] as const) {
    assert.equal((await detect(bytes)).label, label);
    for (let chunk = 1; chunk < 9; chunk++) {
      assert.equal((await transcoded(bytes, undefined, chunk)).toString(), TEXT);
      assert.equal((await transcoded(bytes, label, chunk)).toString(), TEXT);
    }
  }
});

test('UTF-16 without a mark is known by its zero bytes', async () => {
  assert.deepEqual(await detect(Buffer.from(TEXT, 'utf16le')), { label: 'utf-16le', markBytes: 0 });
  assert.deepEqual(await detect(utf16be(TEXT)), { label: 'utf-16be', markBytes: 0 });
  for (const text of ['नाम,शहर\nआशा,पुणे\nरवि,दिल्ली\n', 'имя,город\nАнна,Москва\n', 'a,b\n']) {
    assert.equal((await detect(Buffer.from(text, 'utf16le'))).label, 'utf-16le', text);
    assert.equal((await detect(utf16be(text))).label, 'utf-16be', text);
  }
});

test('a few zero bytes in UTF-8 do not make it UTF-16', async () => {
  assert.equal((await detect(Buffer.from('name,city\nA\0sha,Pu\0ne\nRavi,Delhi!\n'))).label, 'utf-8');
  assert.equal((await detect(Buffer.from('a,b\n1,x\0y\n2,z\n'))).label, 'utf-8');
  const rows = Array.from({ length: 400 }, (_, i) => `${1000 + i},\0,ab\r\n`).join('');
  assert.equal((await detect(Buffer.from(rows))).label, 'utf-8');
});

test('one byte of Windows-1252 at the end of a long file is seen', async () => {
  const bytes = Buffer.alloc(300_000, 'Asha,Pune\n');
  bytes[299_990] = 0xe9;
  assert.equal((await detect(bytes)).label, 'windows-1252');
});

test('UTF-8 that was damaged in places is still UTF-8', async () => {
  const bytes = Buffer.from(TEXT.repeat(20));
  bytes[bytes.indexOf('ö')] = 0x20;
  assert.equal((await detect(bytes)).label, 'utf-8');
});

test('a character cut by the end of the file is invalid, whatever the chunks', async () => {
  const bytes = Buffer.from(`${TEXT.repeat(2)}😀`).subarray(0, -1);
  for (let chunk = 1; chunk < 9; chunk++) assert.equal((await detect(bytes, undefined, chunk)).label, 'utf-8');
  assert.equal((await detect(Buffer.from([0x61, 0xc3]))).label, 'windows-1252');
});

test('every byte of Windows-1252 has a meaning', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const text = (await transcoded(bytes, undefined, 7)).toString();
  assert.equal(text.length, 256);
  assert.equal(text[0x80], '€');
  assert.ok(!text.includes('\ufffd'));
});

test('an encoding that was asked for is used, with characters cut by chunks', async () => {
  const shiftJis = Buffer.from('93fa967b2c83608362', 'hex');
  for (const chunk of [1, 2, 3, 100]) {
    assert.equal((await transcoded(shiftJis, 'shift_jis', chunk)).toString(), '日本,チッ');
  }
  assert.equal((await detect(Buffer.from('x'), 'latin1')).label, 'windows-1252');
});

test('an unknown encoding and UTF-32 are problems', async () => {
  await assert.rejects(detect(Buffer.from('x'), 'klingon'), { code: 'encoding_invalid' });
  await assert.rejects(detect(Buffer.from('fffe000061000000', 'hex')), { code: 'encoding_invalid' });
});

test('what is invalid in another encoding is invalid in the UTF-8 too, and never U+FFFD', async () => {
  const lone = Buffer.from('a\ud800b\udc00', 'utf16le');
  const cut = Buffer.from('ab', 'utf16le').subarray(0, 3);
  for (const chunk of [1, 2, 3, 4, 100]) {
    assert.equal((await transcoded(lone, 'utf-16le', chunk)).toString('latin1'), 'a\xffb\xff');
    assert.equal((await transcoded(cut, 'utf-16le', chunk)).toString('latin1'), 'a\xff');
    assert.equal(
      (await transcoded(Buffer.from('61ff2c81', 'hex'), 'shift_jis', chunk)).toString('latin1'),
      'a\xff,\xff',
    );
  }
});

test('any text comes through UTF-16 as it is, whatever the chunks', async () => {
  const property = fc.asyncProperty(
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    fc.integer({ min: 1, max: 9 }),
    async (text, chunk) => {
      assert.equal((await transcoded(mark('feff', utf16be(text)), undefined, chunk)).toString(), text);
      assert.equal((await transcoded(Buffer.from(text, 'utf16le'), 'utf-16le', chunk)).toString(), text);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test('sequences are valid exactly where Node says so', () => {
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6 }), fc.array(byte, { maxLength: 6 }), (first, second) => {
      const bytes = Buffer.from([...first, ...second]);
      const { invalid } = countSequences(bytes);
      assert.equal(invalid === 0, isUtf8(bytes));
      if (invalid === 0) assert.equal(escapeInvalid(bytes), bytes.toString());
      // The text may hold what looks like an escaped byte.
      const marks = (text: string) => text.split('\\x').length - 1;
      if (invalid > 0) assert.equal(marks(escapeInvalid(bytes)), invalid + marks(bytes.toString('latin1')));
      if (bytes.length > 0) {
        const length = sequenceLength(bytes, 0);
        if (length > 0) assert.ok(isUtf8(bytes.subarray(0, length)));
      }
    }),
    { numRuns: 5000 },
  );
});
