import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Cell } from '../core/batch.ts';
import type { ColumnFormat, ColumnType } from './profile.ts';
import { createTyper } from './types.ts';
import { isOwnText, typedValue, valueText } from './values.ts';

/** `type`, or `type/format`, with a `+` when some text differs from what its value is written as. */
function typeOf(...cells: Cell[]): string {
  const typer = createTyper();
  for (const cell of cells) typer.add([cell]);
  const { type, format, unit, ambiguous, differs } = typer.finish();
  return [type, format, unit, ambiguous && `(${ambiguous})`].filter(Boolean).join('/') + (differs ? '+' : '');
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

test('doubles as they are written out are decimals, exact beside longer ones, floats beside exponents, and have no marks', () => {
  const written = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map(String);
  const longWritten = written.filter((text) => text.length > 17 && text.includes('.') && !text.includes('e'));
  fc.assert(
    fc.property(longWritten, (text) => {
      assert.equal(typeOf(text, '2.5'), 'decimal');
      assert.equal(typeOf(text, '0.1234567890123456789'), 'decimal/exact');
      assert.equal(typeOf(text, '1.5E+3'), 'float+');
      assert.equal(typeOf(text, '1.234,5'), 'text');
      assert.equal(typeOf(text, '1,234.5'), 'text');
    }),
  );
});

test('what could be more than a number stays text', () => {
  const codes = ['007', '00', '-01', '+5', '1_000', '0x1F', 'nan', 'NaN', 'Infinity', '1E3', '1e5', ' 1', '1 '];
  const long = ['9007199254740993', '12345678901234567890'];
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
  assert.equal(typeOf('01/02/2024', '03/04/2024'), 'text/(date_order)');
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
  const utc = (text: string) => typedValue(text, { type: 'timestamp', format: 'utc' });
  assert.equal(utc('2024-03-01 00:15:00.250+05:30'), '2024-02-29T18:45:00.25');
  assert.equal(utc('2024-02-29T18:45Z'), '2024-02-29T18:45:00');
  assert.equal(utc('1970-01-01T00:00:00.123456789Z'), '1970-01-01T00:00:00.123456789');
  assert.equal(valueText('2024-02-29T18:45:00', { type: 'timestamp', format: 'utc' }), '2024-02-29T18:45:00Z');
  assert.equal(typedValue('29.2.2024', { type: 'date', format: 'dmy' }), '2024-02-29');
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

const SHAPES = [
  /^-?[0-9]{1,3}([,. '][0-9]{2,3}){0,3}[.,]?[0-9]{0,3}$/,
  /^[-.]{0,2}[0-9]{0,17}\.?[0-9]{0,17}([eE][+-]?[0-9]{1,2})?$/,
  /^-?(€|Rs\.|\$|EUR)? ?-?[0-9]{1,3}([,. ][0-9]{3}){0,2}([.,][0-9]{1,3})?( ?(€|EUR))?$/,
  /^-?[0-9]{0,3}([,. ][0-9]{3}){0,2}([.,][0-9]{1,3})? ?%$/,
  /^[0-9]{1,2}:[0-5][0-9](:[0-5][0-9](\.[0-9]{1,3})?)?( ?[AP]M)?$/,
  /^(P[0-9]{0,2}[WD]?)?(T?[0-9]{1,3}[HMS]){0,2}$/,
  /^[0-9]{1,2}[/.][0-9]{1,2}[/.]20[0-9]{2} [0-9]{1,2}:[0-9]{2}$/,
  /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/,
  /^[0-9a-f:]{2,20}$/,
].map((pattern) => fc.stringMatching(pattern));

test('every value of a column has its type, and is written as its text again unless the text is not its own', () => {
  const columns = fc.oneof(
    fc.array(anyText, { minLength: 1, maxLength: 3 }),
    ...SHAPES.map((shape) => fc.array(shape, { minLength: 1, maxLength: 4 })),
  );
  fc.assert(
    fc.property(columns, (texts) => {
      const typer = createTyper();
      typer.add(texts);
      const typing = typer.finish();
      const filled = texts.filter((text) => text !== '');
      for (const text of filled) {
        const value = typedValue(text, typing);
        assert.notEqual(value, undefined, `${text} as ${typing.type}/${typing.format}`);
        const own = isOwnText(text, value!, typing);
        assert.equal(valueText(value!, typing) === text, own, text);
        assert.ok(own || typing.differs, `${text} as ${typing.type}/${typing.format} has no own text`);
      }
    }),
    { numRuns: 20_000 },
  );
});

test('values sort as what they stand for', () => {
  const ascending: [ColumnType, ColumnFormat, string[]][] = [
    [
      'decimal',
      'exact',
      ['-12345678901234567890.5', '-0.123', '-0.12', '0', '0.0000000000000000001', '0.5', '3', '12.34'],
    ],
    ['time', null, ['0:05', '9:30', '09:30:00.5', '12:00 PM', '1:15 pm', '23:59:59']],
    ['duration', null, ['PT0S', 'PT59.5S', 'PT60S', '0:01:01', 'P1D', '26:30:15', 'P1W']],
    ['ip', null, ['9.0.0.1', '10.0.0.2', '192.168.0.1', '::1', '2001:db8::1', 'fe80::1']],
    ['currency', 'comma', ['-1.000,00 €', '€ -5', '0,5 €', '12,50 EUR', '€1.234']],
    ['percentage', 'point', ['-5%', '0.5 %', '12.5%', '1,000%']],
    ['timestamp', 'dmy', ['31/01/2023 23:59', '01/02/2023 9:00', '01/02/2023 9:00 PM', '01.02.2024 00:00:00.5']],
  ];
  for (const [type, format, texts] of ascending) {
    const values = texts.map((text) => typedValue(text, { type, format })!);
    for (let i = 1; i < values.length; i++) assert.ok(values[i - 1]! < values[i]!, `${type}: ${texts[i]}`);
  }
});

test('the decimal mark is settled by the whole column, and a number that reads two ways is text', () => {
  assert.equal(typeOf('1.234,56', '7'), 'decimal/comma+');
  assert.equal(typeOf('1,234.56', '7'), 'decimal/point+');
  assert.equal(typeOf('1 234,56', '12,5'), 'decimal/comma+');
  assert.equal(typeOf("1'234.56"), 'decimal/point+');
  assert.equal(typeOf('12,34,567.89', '1,00,000'), 'decimal/point+');
  assert.equal(typeOf('12,34,567'), 'integer/point+');
  assert.equal(typeOf('1.234.567', '1.234'), 'integer/comma+');
  assert.equal(typeOf('1,234', '5'), 'text/(decimal_mark)');
  assert.equal(typeOf('1,234', '5,5'), 'decimal/comma+');
  assert.equal(typeOf('1,234', '5.5'), 'decimal/point+');
  assert.equal(typeOf('1.234', '5.678'), 'decimal');
  assert.equal(typeOf('560 001', '110 011'), 'text/(grouping)');
  for (const bad of [
    '1,23',
    '1.234,56',
    '12,345,67',
    '01,234.5',
    '1,234 567.5',
    '1.2.3',
    '1234,567.5',
    '1,,234.5',
    ',5',
  ]) {
    assert.equal(typeOf(bad, '1,234.56'), 'text', bad);
  }
  assert.equal(typedValue('1.234,56', { type: 'decimal', format: 'comma' }), 1234.56);
  assert.equal(typedValue('12,34,567.89', { type: 'decimal', format: 'point' }), 1234567.89);
});

test('decimals of any length are exact, and whole numbers beyond 2⁵³ stay text', () => {
  assert.equal(typeOf('0.1234567890123456789', '1.5'), 'decimal/exact');
  assert.equal(typeOf('12345678901234567890.50', '.5'), 'decimal/exact+');
  assert.equal(typeOf('12345678901234567890', '1'), 'text');
  assert.equal(typeOf('0.1234567890123456789', '007'), 'text');
});

test('an exponent makes a column float when no product code has one like it', () => {
  assert.equal(typeOf('1.5E3', '2e4', '7'), 'float+');
  assert.equal(typeOf('6.02e+23'), 'float+');
  assert.equal(typeOf('1e-400', '1.5e3'), 'text', 'no double but zero holds it');
  assert.equal(typeOf('0e-400', '1.5e3'), 'float+');
  assert.equal(typeOf('1E-3'), 'float+');
  for (const code of ['1E3', '12E05', '1e400', '1.5e', '01.5E3']) assert.equal(typeOf(code), 'text', code);
});

test('amounts have one currency a column', () => {
  assert.equal(typeOf('€ 12,50', '-€1.234,00', '7 €'), 'currency/comma/EUR+');
  assert.equal(typeOf('$1,234.56', '-$5', '$ -5.5'), 'currency/point/$+');
  assert.equal(typeOf('₹12,34,567', 'Rs. 5.50', '7 INR'), 'currency/point/INR+');
  assert.equal(typeOf('100 CHF', "1'000.50 CHF"), 'currency/point/CHF+');
  assert.equal(typeOf('€5', '$5'), 'text');
  assert.equal(typeOf('€5', '5'), 'text');
  assert.equal(typeOf('5 PCS', '7 PCS'), 'text');
  assert.equal(typeOf('€1.234'), 'text/(decimal_mark)');
  for (const bad of ['--€5', '-€-5', '€', 'EUR', '€ 5 €', '€05', 'AB1', '€1234567890123456'])
    assert.equal(typeOf(bad), 'text', bad);
});

test('percentages are the number that is written', () => {
  assert.equal(typeOf('12.5 %', '100%', '-3%'), 'percentage/point/%+');
  assert.equal(typeOf('12,5 %', '7%'), 'percentage/comma/%+');
  assert.equal(typeOf('12.125%'), 'percentage/point/%+');
  assert.equal(typeOf('12,125%'), 'text/(decimal_mark)');
  assert.equal(typedValue('12,5 %', { type: 'percentage', format: 'comma' }), 12.5);
  for (const bad of ['%', '5%%', '.5%', '%5', '5 % x']) assert.equal(typeOf(bad), 'text', bad);
});

test('times of day and durations are told by the whole column', () => {
  assert.equal(typeOf('9:30', '23:59:59'), 'time+');
  assert.equal(typeOf('09:30:00', '23:59:59.25'), 'time');
  assert.equal(typeOf('9:30 PM', '12:00 am'), 'time+');
  assert.equal(typeOf('10:30:15', '26:30:15'), 'duration+');
  assert.equal(typeOf('PT26H30M', 'PT0.5S'), 'duration');
  assert.equal(typeOf('P1DT2H', 'P1W'), 'duration+');
  assert.equal(typedValue('12:00 am', { type: 'time', format: null }), '00:00:00');
  assert.equal(
    valueText(typedValue('26:30:15', { type: 'duration', format: null })!, { type: 'duration', format: null }),
    'PT26H30M15S',
  );
  for (const bad of [
    '24:00',
    '26:30',
    '9:5',
    '10:60',
    '13:00 PM',
    '0:00 am',
    'P',
    'PT',
    'P1M',
    'P1Y',
    '9:30:',
    '9:30:00.',
  ]) {
    assert.equal(typeOf(bad), 'text', bad);
  }
});

test('timestamps with the day first or last are settled as dates are', () => {
  assert.equal(typeOf('31/01/2024 10:00', '01/02/2024 9:00 PM'), 'timestamp/dmy+');
  assert.equal(typeOf('01/31/2024 10:00:00.5'), 'timestamp/mdy+');
  assert.equal(typeOf('01/02/2024 10:00'), 'text/(date_order)');
  assert.equal(typedValue('31.1.2024 9:00 PM', { type: 'timestamp', format: 'dmy' }), '2024-01-31T21:00:00');
});

test('things with a shape of their own are told by it', () => {
  assert.equal(typeOf('6F9619FF-8B86-D011-B42D-00CF4FC964FF'), 'uuid+');
  assert.equal(typeOf('6f9619ff-8b86-d011-b42d-00cf4fc964ff'), 'uuid');
  assert.equal(typeOf('asha@example.org', 'b+c@example.co.in'), 'email');
  assert.equal(typeOf('https://example.org/a?b=1', 'ftp://example.org'), 'url');
  assert.equal(typeOf('192.168.0.1', '8.8.8.8'), 'ip');
  assert.equal(typeOf('192.168.0.1', '2001:DB8:0:0::1', '::ffff:192.0.2.128'), 'ip+');
  assert.equal(typeOf('1.2.3.4', '2.0.0.0'), 'text');
  assert.equal(typeOf('+91 98765 43210', '+49 (30) 1234-567'), 'phone');
  assert.equal(typeOf('{"a":[1]}', '[]'), 'json');
  for (const bad of [
    '6f9619ff8b86d011b42d00cf4fc964ff',
    'a@b',
    'example.org',
    'https://',
    '256.1.1.1',
    '{"a":1',
    '{a:1}',
    '+1 2',
  ]) {
    assert.equal(typeOf(bad), 'text', bad);
  }
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
      const value = typedValue(text, { type: 'decimal', format: null });
      if (value === undefined || String(value).includes('e')) return;
      assert.equal(scaled(String(value)), scaled(text));
    }),
    { numRuns: 3000 },
  );
});
