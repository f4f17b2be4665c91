import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { verhoeffDigit } from '../detectors/verhoeff.ts';
import { findIdentifiers } from './finder.ts';
import type { Found } from './judge.ts';

/** What is found in a text, as `kind form: the part`, with a `?` where its checksum is wrong. */
function found(text: string): string[] {
  const all: string[] = [];
  const take = ({ kind, start, end, valid, form }: Found) =>
    all.push(`${kind} ${form}${valid ? '' : '?'}: ${text.slice(start, end)}`);
  findIdentifiers(text, take);
  return all;
}

const aadhaar = (body: string) => body + verhoeffDigit(body);
const one = aadhaar('23456789012');

test('identifiers in their usual groups are found inside text', () => {
  const grouped = `${one.slice(0, 4)} ${one.slice(4, 8)} ${one.slice(8)}`;
  assert.deepEqual(found(`send ${grouped}, please`), [`aadhaar usual: ${grouped}`]);
  assert.deepEqual(found('my card is 4111-1111-1111-1111.'), ['payment_card named: 4111-1111-1111-1111']);
  assert.deepEqual(found('use 3782 822463 10005 then'), ['payment_card usual: 3782 822463 10005']);
  assert.deepEqual(found('to DE89 3704 0044 0532 0130 00 today'), ['iban usual: DE89 3704 0044 0532 0130 00']);
  assert.deepEqual(found('ABCPE1234F/27ABCPE1234F1Z5'), []);
  assert.deepEqual(found('(ABCPE1234F)'), ['pan usual: ABCPE1234F']);
  assert.deepEqual(found('?pan=ABCPE1234F&a=1'), ['pan named: ABCPE1234F']);
  assert.deepEqual(found('SSN 123-45-6789'), ['us_ssn named: 123-45-6789']);
  assert.deepEqual(found('ID 15 070649 C 103 alt'), ['de_pension_insurance usual: 15 070649 C 103']);
  assert.deepEqual(found('AB 12 34 56 C'), ['uk_nino usual: AB 12 34 56 C']);
  assert.deepEqual(found('MH-12-2011-0012345'), ['driving_licence usual: MH-12-2011-0012345']);
});

test('groups of four beside others of four are found, as many as fit', () => {
  const [a, b] = ['2341 2341 2346', '4111 1111 1111 1111'];
  assert.deepEqual(found(`Aadhaar ${a} 1985`), [`aadhaar named: ${a}`]);
  assert.deepEqual(found(`in 2023 ${b}`), [`payment_card among: ${b}`]);
  assert.deepEqual(found(`${b} 1227, thanks`), [`payment_card among: ${b}`]);
  assert.deepEqual(found(`card ${b} 4321`), [`payment_card named: ${b}`]);
  assert.deepEqual(found(`${b} 4321`), ['payment_card among?: 4111 1111 1111 1111', 'aadhaar among?: 4111 1111 1111']);
  assert.deepEqual(found(`both ${a} ${a}`), [`aadhaar among: ${a}`, `aadhaar among: ${a}`]);
  assert.deepEqual(found(`${b} ${b}`), [`payment_card among: ${b}`, `payment_card among: ${b}`]);
  assert.deepEqual(found(`${a} ${b}`), [`aadhaar among: ${a}`, `payment_card among: ${b}`]);
  assert.deepEqual(found('ref 4111-1111-1111-1112'), [
    'aadhaar other?: 4111-1111-1111',
    'payment_card other?: 4111-1111-1111-1112',
  ]);
  assert.deepEqual(found('card 4111-1111-1111-1112'), ['payment_card named?: 4111-1111-1111-1112']);
});

test('an IBAN or GSTIN that is valid is found in the fields of bank statements', () => {
  const iban = 'DE89370400440532013000';
  for (const text of [
    `SVWZ+Miete IBAN+${iban} BIC+COBADEFFXXX`,
    `/TRTP/SEPA OVERBOEKING/IBAN/${iban}/BIC/COBADEFFXXX/NAME/MAX`,
    `?20Miete?30COBADEFFXXX?31${iban}?32MAX`,
  ])
    assert.deepEqual(found(text), [`iban ${text.includes('IBAN') ? 'named' : 'usual'}: ${iban}`], text);
  assert.deepEqual(found('B2B/27AAPFU0939F1ZV/0001'), ['gstin usual: 27AAPFU0939F1ZV']);
  for (const text of [
    `/${iban.slice(0, -1)}1/`,
    `#${iban}`,
    `x-${iban}`,
    `${iban}_1`,
    '/4111111111111111/',
    `+31${iban}`,
  ])
    assert.deepEqual(found(text), [], text);
});

test('addresses are found around their sign, without the punctuation behind them', () => {
  assert.deepEqual(found('write to asha.iyer@example.org.'), ['email usual: asha.iyer@example.org']);
  assert.deepEqual(found('upi=ravi.k85@oksbi, ok'), ['upi_id usual: ravi.k85@oksbi']);
  assert.deepEqual(found('a1@example.org ABCPE1234F a2@example.org'), [
    ...['email usual: a1@example.org', 'pan usual: ABCPE1234F', 'email usual: a2@example.org'],
  ]);
  assert.deepEqual(found('UPI-RAJU SHARMA-raju0@okicici-SBIN0001234-312345671000-PAYMENT'), [
    'upi_id usual: SHARMA-raju0@okicici',
  ]);
  assert.deepEqual(found('9876543210@ybl-YESB0YBLUPI'), ['upi_id usual: 9876543210@ybl']);
  assert.deepEqual(found('ravi@my-bank.example.org'), ['email usual: ravi@my-bank.example.org']);
  assert.deepEqual(found('user@host and @handle and a@b'), []);
});

test('what only a word can tell is found behind that word', () => {
  assert.deepEqual(found('passport no J8369854'), ['passport named: J8369854']);
  assert.deepEqual(found('reisepass: J 8369854'), ['passport named: J 8369854']);
  assert.deepEqual(found('seat J8369854'), []);
  assert.deepEqual(found('a/c no 1234 5678 901'), ['bank_account named: 1234 5678 901']);
  assert.deepEqual(found('account number 12345678'), ['bank_account named: 12345678']);
  assert.deepEqual(found('see 12345678 or account number 1234567'), []);
  assert.deepEqual(found('account number since 2024-01-31'), []);
  assert.deepEqual(found(`aadhaar ${one}`), [`aadhaar named: ${one}`]);
  assert.deepEqual(found(`आधार ${one}`), [`aadhaar named: ${one}`]);
  assert.deepEqual(found(one), [`aadhaar bare: ${one}`]);
  assert.deepEqual(found(`order no. ${one}`), [`aadhaar other: ${one}`]);
});

test('digits that are a part of something longer are none', () => {
  const longer = [
    `x${one}`,
    `${one}9`,
    `1.${one}`,
    `${one}.5`,
    `a/${one}`,
    `#${one}`,
    `-${one}`,
    `+${one}`,
    `${one}-1`,
  ];
  for (const text of [...longer, `${one}@x`, `#${one.slice(0, 4)} ${one.slice(4, 8)} ${one.slice(8)} 1111`]) {
    assert.deepEqual(
      found(text).filter((line) => line.startsWith('aadhaar')),
      [],
      text,
    );
  }
  for (const text of [`(${one})`, `"${one}"`, `[${one},1]`, `{"id":${one}}`, `no:${one}`, `${one}.`, `号码${one}号`]) {
    assert.deepEqual(found(text), [`aadhaar bare: ${one}`], text);
  }
});

test('an escape of JSON is no part of what stands behind or before it', () => {
  for (const written of ['\\n', '\\t', '\\r', '\\b', '\\f', '\\r\\n', '\\u00e9', '\\\\\\n']) {
    assert.deepEqual(found(`{"a":"Card:${written}4111111111111111${written}x"}`), [
      'payment_card named: 4111111111111111',
    ]);
    assert.deepEqual(found(`it says:${written}ABCPE1234F${written}and`), ['pan usual: ABCPE1234F']);
    assert.deepEqual(found(`["pay${written}ravi.k85@oksbi${written}"]`), ['upi_id usual: ravi.k85@oksbi']);
    assert.deepEqual(found(`["${written}2341 2341 2346${written}"]`), ['aadhaar usual: 2341 2341 2346']);
  }
  const others = ['C:\\n4111111111111111', 'on D:\\temp\\f4111111111111111\\t', '\\x4111111111111111'];
  for (const text of [...others, '["C:\\\\n4111111111111111"]']) assert.deepEqual(found(text), [], text);
  assert.deepEqual(found('["N:\\n4111111111111111"]'), ['payment_card bare: 4111111111111111']);
});

test('what is found lies in order, apart from each other, inside any text', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[0-9A-Z @.-]{0,40}$/),
    fc.constantFrom(
      'card 4111 1111 1111 1111',
      'DE89 3704 0044 0532 0130 00',
      'ABCPE 1234 F',
      'a.b@ybl',
      ' ',
      '\\n',
      '15 070649 C 103',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const text = pieces.join('');
      let last = 0;
      findIdentifiers(text, ({ start, end, valid, form }) => {
        assert.ok(end > start && end <= text.length);
        if (!valid && form !== 'named') return;
        assert.ok(start >= last);
        last = end;
      });
    }),
    { numRuns: 5000 },
  );
});

test('a long text takes time by its length alone', () => {
  for (const unit of ['1', '1 ', '1234 ', 'a@', 'a1', '1-', 'DE89 ', 'A 1', '4111 1111 1111 ']) {
    const text = unit.repeat(400_000);
    const start = performance.now();
    findIdentifiers(text, () => {});
    assert.ok(performance.now() - start < 5000, unit);
  }
});
