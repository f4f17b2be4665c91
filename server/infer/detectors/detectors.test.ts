import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DETECTORS } from './all.ts';
import { bankAccount } from './bank-account.ts';
import { birthDate } from './birth-date.ts';
import { dePensionInsurance } from './de-pension-insurance.ts';
import { deTaxId } from './de-tax-id.ts';
import { type Detector, OTHER, SHAPED, VALID } from './detector.ts';
import { bare, candidates, createDispatch, fits } from './dispatch.ts';
import { drivingLicence } from './driving-licence.ts';
import { email } from './email.ts';
import { gstin } from './gstin.ts';
import { iban } from './iban.ts';
import { ifsc } from './ifsc.ts';
import { ipv4, ipv6 } from './ip-address.ts';
import { pan } from './pan.ts';
import { passport } from './passport.ts';
import { paymentCard } from './payment-card.ts';
import { personName } from './person-name.ts';
import { internationalPhone, nationalPhone } from './phone.ts';
import { postalAddress } from './postal-address.ts';
import { ukNino } from './uk-nino.ts';
import { upiId } from './upi-id.ts';
import { usSsn } from './us-ssn.ts';
import { voterId } from './voter-id.ts';

/** The verdict that a value in a file gets: its groups joined where the detector wants that, its length and ends looked at. */
function verdict(detector: Detector, text: string) {
  const value = detector.marks === 1 ? bare(text) : text.trim();
  return fits(detector, value) ? detector.test(value) : OTHER;
}

function check(detector: Detector, valid: string[], shaped: string[], other: string[]): void {
  for (const value of valid) assert.equal(verdict(detector, value), VALID, value);
  for (const value of shaped) assert.equal(verdict(detector, value), SHAPED, value);
  for (const value of other) assert.equal(verdict(detector, value), OTHER, value);
}

test('numbers with a check digit: published examples pass, a changed digit does not', () => {
  check(
    paymentCard,
    ['4111111111111111', '5555 5555 5555 4444', '3782-822463-10005', '6011000990139424'],
    ['4111111111111112'],
    ['1111111111111117', '41111111111', '4111x11111111111'],
  );
  check(
    iban,
    ['DE89370400440532013000', 'GB29 NWBK 6016 1331 9268 19', 'no9386011117947', 'MT84MALT011000012345MTLCAST001S'],
    ['DE88370400440532013000'],
    ['DE8937040044053201300', 'XX89370400440532013000', 'DE89 3704 0044 0532 0130 0!'],
  );
  check(
    deTaxId,
    ['86095742719', '47 036 892 816', '65929970489'],
    ['86095742718', '11111111111', '12345678903'],
    ['06095742719', '8609574271'],
  );
  check(dePensionInsurance, ['15070649C103', '65 170839 J 003'], ['15070649C102'], ['15073249C103', '150706490103']);
  check(
    gstin,
    ['27AAPFU0939F1ZV', '27aapfu0939f1zv'],
    ['27AAPFU0939F1ZW', '39AAPFU0939F1ZV'],
    ['27AAPFU0939F1Z', 'AAAPFU0939F1ZV7'],
  );
});

test('a German tax id has exactly one digit two or three times, and not three in a row', () => {
  // Each with the right check digit.
  const digits = (body: string) =>
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => deTaxId.test(body + digit));
  assert.equal(digits('1234567890').includes(VALID), false);
  assert.equal(digits('1123456678').includes(VALID), false);
  assert.equal(digits('1112345678').includes(VALID), false);
  assert.equal(digits('1121345678').filter((one) => one === VALID).length, 1);
  assert.equal(digits('1123456789').filter((one) => one === VALID).length, 1);
});

test('codes whose letters follow rules', () => {
  check(
    pan,
    ['ABCPE1234F', 'abcce1234f', 'ABCPE 1234 F'],
    ['ABCDE1234F', 'ABCPE0000F'],
    ['ABCP1234F', '1BCPE1234F', 'ABCPE12345'],
  );
  check(
    ukNino,
    ['AB123456C', 'ab 12 34 56 d'],
    ['QQ123456C', 'AB123456E', 'GB123456A', 'AO123456A'],
    ['AB12345C', 'A1123456C'],
  );
  check(
    drivingLicence,
    ['MH1420110062821', 'DL-13 20110012345'],
    ['XX1420110062821', 'MH1418110062821'],
    ['MH142011006282', 'MH14AB110062821'],
  );
  check(ifsc, ['HDFC0001234', 'sbin0AB1234'], ['INVC0001234'], ['HDFC1001234', 'HDFC000123']);
  check(
    upiId,
    ['asha@oksbi', '9876543210@paytm', 'Asha.K-1@YBL'],
    ['user@host'],
    ['asha@example.org', 'a@b c', '@oksbi', 'asha@'],
  );
});

test('numbers that only a header tells', () => {
  check(
    usSsn,
    ['123-45-6789', '123456789'],
    ['000-45-6789', '666456789', '900-45-6789', '123-00-6789', '123-45-0000'],
    ['12345678'],
  );
  check(passport, ['J8369854', 'j 8369854'], ['C01X00T47', 'Q8369854'], ['ABCDEFGH', '12']);
  check(voterId, ['ABC1234567', 'abc1234567'], ['UP/12/345/678901'], ['AB1234567', 'ABC123456X']);
  check(
    bankAccount,
    ['12345678', '1234 5678 901', '123456789012345678'],
    [],
    ['1234567', '1234567890123456789', '12345678x'],
  );
});

test('ways to reach a person', () => {
  check(
    email,
    ['asha@example.org', 'A.B+c@mail.example.co.in', 'jörg@exämple.org'],
    ['a@-example.org', 'a@b..org', `${'a'.repeat(65)}@b.org`],
    ['a@b', '@b.org', 'a b@c.org', 'a@b@c.org', 'www.example.org', 'a@1.2'],
  );
  check(
    internationalPhone,
    ['+919876543210', '+49 (0)30 123456', '+1-202-555-0143'],
    ['+0123456789', '+1234567'],
    ['9876543210'],
  );
  check(
    nationalPhone,
    ['9876543210', '(202) 555-0143', '030/1234567', '+919876543210'],
    [],
    ['123456', '12345678.90', '1234567 ext 3', '1234567890123456'],
  );
  check(
    ipv4,
    ['192.168.0.1', '8.8.4.250'],
    ['1.2.3.4', '10.0.0.7'],
    ['256.1.1.1', '1.2.3', '1.2.3.4.5', '1..2.3', '119.0.6045.105'],
  );
  check(ipv6, ['2001:db8::1', 'fe80::1ff:fe23:4567:890a'], [], ['00:1b:44:11:3a:b7', '10:20:30', '12:30', 'a:b']);
});

test('what is only words, below a header', () => {
  check(
    personName,
    ['Asha Iyer', "O'Neil, Mary-Ann", 'आशा शर्मा', 'Jörg Müller'],
    [],
    ['Asha 1', 'x', 'a@b.org', 'Foo & Bar'],
  );
  check(
    postalAddress,
    ['12, MG Road, Pune 411001', 'Hauptstraße 5'],
    [],
    ['Pune', 'a b@c.org', 'https://example.org/a b', '12 34'],
  );
  check(
    birthDate,
    ['1990-02-28', '28/02/1990', '28.2.90', '1990-02-28T00:00:00Z', '3 Mar 1990', 'March 3, 1990', '1987'],
    [],
    ['Pune', '12', '1790', '12:30:00'],
  );
});

test('every valid value is sent to its detector, and few values to any', () => {
  const dispatch = createDispatch(DETECTORS, () => true);
  const sent = (value: string) =>
    (candidates(dispatch, value) ?? candidates(dispatch, bare(value)) ?? []).map((place) => DETECTORS[place]!);
  const examples: [Detector, string][] = [
    ...([
      [pan, 'ABCPE1234F'],
      [pan, 'ABCPE 1234 F'],
      [gstin, '27AAPFU0939F1ZV'],
      [paymentCard, '5555 5555 5555 4444'],
    ] as const),
    ...([
      [paymentCard, ' 4111111111111111 '],
      [iban, 'GB29 NWBK 6016 1331 9268 19'],
      [email, 'a@b.org'],
      [upiId, 'asha@ybl'],
    ] as const),
    ...([
      [internationalPhone, '+49 30 123456'],
      [ipv4, '8.8.4.250'],
      [ipv6, '2001:db8::1'],
      [deTaxId, '47 036 892 816'],
    ] as const),
    ...([
      [dePensionInsurance, '65 170839 J 003'],
      [ukNino, 'AB 12 34 56 C'],
      [drivingLicence, 'MH14 20110062821'],
      [ifsc, 'HDFC0001234'],
    ] as const),
  ].map(([detector, value]) => [detector, value]);
  for (const [detector, value] of examples) assert.ok(sent(value).includes(detector), value);
  for (const value of ['', 'Asha Iyer', '123456', '12.50', 'true', '2024-02-29', 'x'.repeat(300), '—', ' ']) {
    assert.equal(sent(value).length, 0, value);
  }
});

test('space around a value, groups and the .0 of a float are taken off, and nothing else', () => {
  assert.equal(bare('\u00a0 2345 6789 0123 '), '234567890123');
  assert.equal(bare('234567890123.0'), '234567890123');
  assert.equal(bare(' 234567890123.0 '), '234567890123');
  for (const value of ['10.0.100.0', 'Asha Iyer', 'Mary-Ann', '12.0', '']) assert.equal(bare(value), value);
});
