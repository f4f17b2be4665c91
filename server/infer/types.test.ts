import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Cell } from '../core/batch.ts';
import { createTyper, isOwnText, typedValue, valueText } from './types.ts';

/** `type`, or `type/format`, with a `+` when some text differs from what its value is written as. */
function typeOf(...cells: Cell[]): string {
  const typer = createTyper();
  for (const cell of cells) typer.add([cell]);
  const { type, format, differs } = typer.finish();
  return type + (format ? `/${format}` : '') + (differs ? '+' : '');
}

test('a column of whole numbers is integer, and empty cells do not count against it', () => {
  assert.equal(typeOf('1', null, '-20', '', '0'), 'integer');
  assert.equal(typeOf('9007199254740991', '-9007199254740991'), 'integer');
  assert.equal(typeOf('-0'), 'integer+');
});

test('one value with a fraction makes the column decimal', () => {
  assert.equal(typeOf('1', '2.5'), 'decimal');
  assert.equal(typeOf('1', '2.50'), 'decimal+');
  assert.equal(typeOf('.5', '-.5'), 'decimal+');
  assert.equal(typeOf('1e-7', '0.30000000000000004'), 'decimal');
  assert.equal(typeOf('0.0000001'), 'decimal+');
});

test('what could be more than a number stays text', () => {
  const codes = [
    '007',
    '00',
    '-01',
    '+5',
    '1_000',
    '1,000',
    '0x1F',
    'nan',
    'NaN',
    'Infinity',
    '1E3',
    '1e5',
    ' 1',
    '1 ',
  ];
  const long = ['9007199254740993', '12345678901234567890', '0.1234567890123456789', '1e+21', '123456789012345678.5'];
  for (const text of [...codes, ...long, '5.', '.', '-', '-.', '1.2.3', '١٢']) assert.equal(typeOf(text), 'text', text);
});

test('a wrong last value after a million right ones makes the column text', () => {
  const typer = createTyper();
  for (let i = 0; i < 1000; i++) typer.add(Array.from({ length: 1000 }, (_, r) => String(r)));
  typer.add(['n/a']);
  assert.equal(typer.finish().type, 'text');
});

test('booleans are true and false in any case', () => {
  assert.equal(typeOf('true', 'false', null), 'boolean');
  assert.equal(typeOf('TRUE', 'false'), 'boolean+');
  assert.equal(typeOf('yes', 'no'), 'text');
  assert.equal(typeOf('true', '1'), 'text');
});

test('the order of a date is settled by the whole column, and one that reads two ways is text', () => {
  assert.equal(typeOf('2024-02-29', '2023-01-05'), 'date/ymd');
  assert.equal(typeOf('2024/2/9'), 'date/ymd+');
  assert.equal(typeOf('01/02/2024', '13/02/2024'), 'date/dmy+');
  assert.equal(typeOf('01/02/2024', '02.13.2024'), 'date/mdy+');
  assert.equal(typeOf('01/02/2024', '03/04/2024'), 'text');
  assert.equal(typeOf('13/02/2024', '02/13/2024'), 'text');
});

test('a day that does not exist is no date', () => {
  for (const text of [
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-00-10',
    '0000-01-01',
    '32/01/2024',
    '31/04/2024',
  ]) {
    assert.equal(typeOf(text), 'text', text);
  }
  for (const text of [
    '13-02/2024',
    '001/13/2024',
    '13/002/2024',
    '13/2/24',
    '2024-02-030',
    'epoch',
    '13//2024',
    '/13/2024',
  ]) {
    assert.equal(typeOf(text), 'text', text);
  }
});

test('timestamps name their offset in every value or in none', () => {
  assert.equal(typeOf('2024-02-29T10:00:00Z', '2024-02-29T10:00:00.5Z'), 'timestamp/utc');
  assert.equal(
    typeOf('2024-02-29 10:00:00+05:30', '2024-02-29T10:00-08', '2024-02-29T10:00:00.120+0100'),
    'timestamp/utc+',
  );
  assert.equal(typeOf('2024-02-29T10:00:00'), 'timestamp/local');
  assert.equal(typeOf('2024-02-29 10:00'), 'timestamp/local+');
  assert.equal(typeOf('2024-02-29T10:00:00', '2024-02-29T10:00:00Z'), 'text');
  assert.equal(typeOf('2024-02-29T10:00:00', '2024-02-29'), 'text');
});

test('a time that does not exist is no timestamp', () => {
  const bad = [
    '2024-02-30T10:00',
    '2024-02-29T24:00',
    '2024-02-29T10:60',
    '2024-02-29T10:00:60',
    '2024-02-29T10:00:00.',
  ];
  const zones = ['2024-02-29T10:00+24:00', '2024-02-29T10:00+05:60', '2024-02-29T10:00+5', '0001-01-01T00:00+01:00'];
  for (const text of [...bad, ...zones, '2024-02-29T10:00z', '9999-12-31T23:59-01:00'])
    assert.equal(typeOf(text), 'text', text);
});

test('a column without a value is text', () => {
  assert.equal(typeOf(null, '', null), 'text');
  assert.equal(typeOf(), 'text');
});

test('timestamps are stored so that their text sorts as their moments do', () => {
  const utc = (text: string) => typedValue(text, 'timestamp', 'utc');
  assert.equal(utc('2024-03-01 00:15:00.250+05:30'), '2024-02-29T18:45:00.25');
  assert.equal(utc('2024-02-29T18:45Z'), '2024-02-29T18:45:00');
  assert.equal(utc('1970-01-01T00:00:00.123456789Z'), '1970-01-01T00:00:00.123456789');
  assert.equal(valueText('2024-02-29T18:45:00', 'timestamp', 'utc'), '2024-02-29T18:45:00Z');
  assert.equal(typedValue('29.2.2024', 'date', 'dmy'), '2024-02-29');
});

const anyText = fc.oneof(
  fc.double().map(String),
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.stringMatching(/^-?[0-9]{0,9}\.?[0-9]{0,9}$/),
  fc.stringMatching(/^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}$/),
  fc.stringMatching(
    /^20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-][01][0-9]:?[0-5][0-9])?$/,
  ),
  fc.constantFrom('true', 'FALSE', 'nan', '1e-7', '0.50'),
);

test('a typed value is written as its text again, unless the text is not its own', () => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 3 }), (texts) => {
      const typer = createTyper();
      typer.add(texts);
      const { type, format, differs } = typer.finish();
      const filled = texts.filter((text) => text !== '');
      for (const text of filled) {
        const again = valueText(typedValue(text, type, format)!, type, format);
        assert.equal(again === text, isOwnText(text, type, format), text);
      }
      assert.equal(differs, !filled.every((text) => isOwnText(text, type, format)));
    }),
    { numRuns: 5000 },
  );
});

test('a number is never taken for another: what is stored names the same decimal', () => {
  const decimal = fc.tuple(fc.bigInt(-(10n ** 18n), 10n ** 18n), fc.nat(20));
  const scaled = (text: string) => {
    const [whole, fraction = ''] = text.split('.') as [string, string?];
    return BigInt(whole + fraction.padEnd(40, '0'));
  };
  fc.assert(
    fc.property(decimal, ([digits, places]) => {
      const sign = digits < 0n ? '-' : '';
      const padded = String(digits)
        .replace('-', '')
        .padStart(places + 1, '0');
      const text = sign + padded.slice(0, padded.length - places) + (places ? `.${padded.slice(-places)}` : '');
      const value = typedValue(text, 'decimal', null);
      if (value === undefined || String(value).includes('e')) return;
      assert.equal(scaled(String(value)), scaled(text));
    }),
    { numRuns: 3000 },
  );
});
