import { inflateRawSync } from 'node:zlib';
import { writeZip } from '../../test/helpers/zip-writer.ts';
import type { Random } from './random.ts';

const MOST_CHANGES = 6;
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
/** Pieces that the readers of text look for. */
const PIECES = [
  ...['"', '""', ',', ';', '\t', '\n', '\r\n', '\r', '\0', '\ufeff', 'sep=;\n', '\ud800'],
  ...[
    '[',
    ']',
    '{',
    '}',
    '":',
    '{"a":',
    '\\u0000',
    '\\ud800',
    '1e999',
    '-',
    'null',
    'true',
    '\x1e',
    '[[[[[[[[',
    '}}}}',
  ],
  ...[
    '<',
    '>',
    '</',
    '/>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '&',
    '&#0;',
    '&#x10ffff;',
    '&lt;',
    '<!DOCTYPE',
  ],
  ...[
    '="',
    "='",
    ' xsi:nil="true"',
    ' r="ZZ99999999"',
    ' t="s"',
    ' s="99999"',
    '<v>',
    '<row>',
    '<c>',
    '99999999999999999999',
  ],
];

/** A copy of `seed` with some things changed; `other` is one to take pieces of. ZIP archives are changed in their parts. */
export function mutate(seed: Buffer, other: Buffer, random: Random): Buffer {
  const parts = random.below(8) > 0 ? zipParts(seed) : undefined;
  if (!parts) return change(seed, other, random);
  const chosen = random.below(parts.length);
  const donor = zipParts(other)?.[0]?.data ?? other;
  return writeZip(parts.map((part, i) => (i === chosen ? { ...part, data: change(part.data, donor, random) } : part)));
}

function change(seed: Buffer, other: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  for (let left = 1 + random.below(MOST_CHANGES); left > 0; left--) bytes = random.pick(CHANGES)(bytes, other, random);
  return bytes;
}

type Change = (bytes: Buffer, other: Buffer, random: Random) => Buffer;

const flip: Change = (bytes, _, random) => {
  if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  return bytes;
};

const setByte: Change = (bytes, _, random) => {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.pick([0, 0xff, 0x7f, 0x80, 0x22, random.below(256)]);
  return bytes;
};

const setNumber: Change = (bytes, _, random) => {
  const size = random.pick([1, 2, 4]);
  if (bytes.length < size) return bytes;
  const number = random.pick(NUMBERS) % 2 ** (8 * size);
  const at = random.below(bytes.length - size + 1);
  if (random.below(2) === 0) bytes.writeUIntLE(number, at, size);
  else bytes.writeUIntBE(number, at, size);
  return bytes;
};

const remove: Change = (bytes, _, random) => {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(random.pick([2, 16, 256])))]);
};

const repeat: Change = (bytes, _, random) => {
  const at = random.below(bytes.length + 1);
  const piece = bytes.subarray(at, at + 1 + random.below(random.pick([4, 64, 1024])));
  const times = random.pick([1, 1, 2, 10, random.below(200)]);
  return insert(bytes, at, Buffer.concat(Array<Buffer>(times).fill(piece)));
};

const borrow: Change = (bytes, other, random) => {
  const from = random.below(other.length + 1);
  const piece = other.subarray(from, from + random.below(random.pick([8, 128, 2048])));
  const at = random.below(bytes.length + 1);
  return random.below(2) === 0 ? insert(bytes, at, piece) : insert(bytes.subarray(0, at), at, piece);
};

const insertPiece: Change = (bytes, _, random) =>
  insert(bytes, random.below(bytes.length + 1), Buffer.from(random.pick(PIECES)));

const cut: Change = (bytes, _, random) => bytes.subarray(0, random.below(bytes.length + 1));

const CHANGES: readonly Change[] = [
  flip,
  flip,
  setByte,
  setByte,
  setNumber,
  setNumber,
  remove,
  repeat,
  borrow,
  insertPiece,
  insertPiece,
  cut,
];

function insert(bytes: Buffer, at: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

/** The parts of a small archive as its directory lists them; `undefined` for anything else. */
function zipParts(bytes: Buffer): { name: string; data: Buffer }[] | undefined {
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (bytes.toString('latin1', 0, 2) !== 'PK' || end < 0) return undefined;
  try {
    const parts: { name: string; data: Buffer }[] = [];
    let at = bytes.readUInt32LE(end + 16);
    for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
      const [packed, name, extra, comment] = [20, 28, 30, 32].map((field, i) =>
        i === 0 ? bytes.readUInt32LE(at + field) : bytes.readUInt16LE(at + field),
      ) as [number, number, number, number];
      const local = bytes.readUInt32LE(at + 42);
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      const data = bytes.subarray(start, start + packed);
      const isPacked = bytes.readUInt16LE(at + 10) === 8;
      parts.push({
        name: bytes.toString('utf8', at + 46, at + 46 + name),
        data: isPacked ? inflateRawSync(data) : data,
      });
      at += 46 + name + extra + comment;
    }
    return parts.length > 0 ? parts : undefined;
  } catch {
    return undefined;
  }
}
