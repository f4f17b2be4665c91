import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collect } from '../../test/helpers/collect.ts';
import { roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import { GLANCES } from '../core/batch.ts';
import { testAnyNumber } from '../infer/any-number.ts';
import { testDate } from '../infer/dates.ts';
import { createInference } from '../infer/infer.ts';
import { testEmail, testPhone } from '../infer/shapes.ts';
import { findIdentifiers } from '../infer/text/finder.ts';
import { csvFormat } from '../parse/csv.ts';
import { createScanner } from '../parse/csv-scanner.ts';

type Glance = keyof typeof GLANCES;

const LONGEST = 100_000;
const scanner = createScanner(1, LONGEST);
scanner.use({ delimiter: ',', quote: '"', escaping: null, padded: false }, 1);

/** What the scanner of CSV says of a cell, here with something else around it. */
function glanceOf(text: string, quoted: boolean): Glance {
  const cell = quoted ? `"${text.replaceAll('"', '""')}"` : text;
  const bytes = Buffer.from(`9a9\n${cell},9@9.de\n`);
  bytes.copy(scanner.input(bytes.length));
  const { glances, rowCount } = scanner.scan(0, bytes.length, true);
  assert.ok(rowCount >= 2);
  return (Object.keys(GLANCES) as Glance[]).find((name) => GLANCES[name] === glances[1])!;
}

/** What the glance says is so: of that text alone, and of all like it as of the example that stands for them. */
function holds(glance: Glance, text: string): boolean {
  if (glance === 'integer') return testAnyNumber(text) === testAnyNumber('7');
  if (glance === 'decimal') return testAnyNumber(text) === testAnyNumber('7.5');
  if (glance === 'day') return testDate(text) === testDate('2024-02-28');
  if (glance === 'email') return testEmail(text) === testEmail('a@example.org');
  if (glance === 'phone') return testPhone(text) === testPhone('+91 70000 12345');
  if (glance === 'words') return isWithoutIdentifiers(text);
  return true;
}

function isWithoutIdentifiers(text: string): boolean {
  let found = false;
  findIdentifiers(text, () => {
    found = true;
  });
  return !found;
}

const TELLING: Readonly<Record<Glance, readonly string[]>> = {
  integer: ['0', '7', '42', '123456789012345'],
  decimal: ['12.25', '0.12345', '90000.01', '123456789.1234'],
  day: ['2024-02-28', '1999-12-31', '1000-01-01', '2023-04-30'],
  email: ['asha.iyer17@example.org', 'a@b.cd', 'x_+-.y@sub-domain.example.museum'],
  phone: ['+91 70000 12345', '+1-202-555-0123', '+919876543210', '+ 44 20 7946 095', '+12345678'],
  words: ['Asha', 'true', '12, MG Road, Pune 400123', 'a', '1.5', '00123', 'é 12', 'आशा', 'St 12', '7/11'],
  unknown: [
    ...['', '1234567890123456', '0123456789', 'a@b', 'a@b.c', 'a@-b.org', 'a@b..org', '@example.org', 'a@b@c.org'],
    ...[
      'ABCDE1234F',
      '1234 5678 9012',
      'A 12',
      'A\u00a012',
      '12\u00a034',
      '12-34',
      '123456789 is it',
      'account 12345678',
      'a1b2c3d4e5 12',
    ],
  ],
};

for (const [glance, texts] of Object.entries(TELLING)) {
  test(`what is ${glance} at a glance is told as such, in quotes too`, () => {
    for (const text of texts) {
      if (text !== '' && !text.includes(',')) assert.equal(glanceOf(text, false), glance, text);
      assert.equal(glanceOf(text, true), glance, text);
      assert.ok(holds(glance as Glance, text), text);
    }
  });
}

test('what is nearly a number or a day is none at a glance', () => {
  for (const text of ['007.25', '12.50', '1.234', '.5', '5.', '10000000.0000001', '0.000001', '-7', '1e5'])
    assert.notEqual(glanceOf(text, false), 'decimal', text);
  for (const text of ['2023-02-29', '2023-04-31', '2023-13-01', '2023-00-10', '0999-01-01', '2023/01/01', '2023-01-1'])
    assert.notEqual(glanceOf(text, false), 'day', text);
});

test('what is nearly a phone number is none at a glance', () => {
  for (const text of [
    '91 70000 12345',
    '+0 70000 12345',
    '+1234567',
    '+1 (202) 555012',
    '+91.7000012345',
    '+1 2345 6789+',
  ])
    assert.notEqual(glanceOf(text, false), 'phone', text);
});

test('a cell with doubled quotes tells nothing', () => {
  assert.equal(glanceOf('said "so"', true), 'unknown');
});

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^\d{1,9}$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-z]{1,6}$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Z]{1,5}$/) },
  { weight: 4, arbitrary: fc.constantFrom(' ', '-', '.', '@', '\u00a0', '/', ':', ',', '_', '+', '\\n', '\\u00e9') },
  { weight: 1, arbitrary: fc.constantFrom('à', 'आ', '🙂', '\u1680', 'ß', '\u0660') },
  { weight: 1, arbitrary: fc.constantFrom('Aadhaar ', 'PAN: ', 'account no ', 'DE89', '234123412346', 'MH12 2011') },
);

test('whatever a glance tells of a text is so', () => {
  const texts = fc.oneof(
    fc.array(piece, { minLength: 1, maxLength: 14 }).map((pieces) => pieces.join('')),
    fc.stringMatching(/^\d{1,12}\.\d{1,9}$/),
    fc.stringMatching(/^\+[\d +.-]{6,17}$/),
    fc.stringMatching(/^[012]\d{3}-[01]\d-[0123]\d$/),
    fc.stringMatching(/^[a-z0-9._+-]{1,70}@[a-z0-9.-]{1,20}\.[a-z]{1,26}$/),
  );
  fc.assert(
    fc.property(texts, fc.boolean(), (text, quoted) => {
      if (!quoted && text.includes(',')) return true;
      return holds(glanceOf(text, quoted), text);
    }),
    { numRuns: 20_000 },
  );
});

test('a text of any length tells where its identifiers stand, at any place', () => {
  for (const length of [1, 7, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 100]) {
    for (let at = 0; at < length; at++) {
      const filler = 'x, '.repeat(length).slice(0, length);
      for (const one of ['1234 5678 9012', 'ABCDE1234F', 'a@upi', '987654321', 'B 1234567']) {
        const text = `${filler.slice(0, at)}, ${one}, ${filler.slice(at)}`;
        assert.equal(glanceOf(text, true), 'unknown', text);
      }
      const harmless = `${filler.slice(0, at)}, 1234567; ${filler.slice(at)}`;
      assert.equal(glanceOf(harmless, true), harmless.length > 64 ? 'unknown' : 'words', harmless);
    }
  }
});

test('a table is found to be the same with glances as without, batches that are not looked at included', async () => {
  const names = ['id', 'phone', 'joined', 'amount', 'email', 'note'];
  const rows = Array.from({ length: 20_000 }, (_, i) => {
    const amount = i % 10 === 0 ? '' : `${i}.${10 + (i % 90)}`;
    const note = i % 3 === 0 ? '""' : i % 3 === 1 ? '' : `called ${i}`;
    return `${i},+91 98765 ${10_000 + i},2024-02-${10 + (i % 19)},${amount},a${i}@example.org,${note}`;
  });
  const source = sourceOf(Buffer.from(`${names.join(',')}\n${rows.join('\n')}\n`));
  const [told, asked] = [0, 1].map(() => createInference(names, { seal: [], plain: [] }));
  for (const event of await collect(csvFormat.read(source, 'people.csv', { limits: roomyLimits }))) {
    if (event.type !== 'batch') continue;
    const { length, columns } = event.batch;
    told!.add(event.batch);
    asked!.add({ length, columns });
  }
  assert.deepEqual(told!.finish(), asked!.finish());
  assert.deepEqual(
    told!.finish().map(({ type, empty }) => [type, empty]),
    [
      ['integer', 0],
      ['phone', 0],
      ['date', 0],
      ['decimal', 2000],
      ['email', 0],
      ['text', 13_334],
    ],
  );
});
