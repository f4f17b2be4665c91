import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch, Cell } from '../core/batch.ts';
import { verhoeffDigit } from './detectors/verhoeff.ts';
import { headerWords } from './header.ts';
import { createInference, type SealChoice } from './infer.ts';

/** Column `name` with these cells, profiled alone. */
function profile(name: string, cells: Cell[], choice: Partial<SealChoice> = {}, raws?: Cell[]) {
  const inference = createInference([name], { seal: [], plain: [], ...choice });
  const batch: Batch = { length: cells.length, columns: [cells], ...(raws && { raws: [raws] }) };
  inference.add(batch);
  return inference.finish()[0]!;
}

/** `count` made-up numbers of 12 digits, of which every one for which `valid` says so has Verhoeff's check digit. */
function numbers(count: number, valid: (i: number) => boolean): string[] {
  return Array.from({ length: count }, (_, i) => {
    const body = String(20_000_000_000 + ((i * 7_919_933_167) % 79_999_999_999)).padStart(11, '2');
    const digit = Number(verhoeffDigit(body));
    return body + (valid(i) ? digit : (digit + 1) % 10);
  });
}

const all = () => true;

test('identifiers are sealed, and what people work with is reported and stays plain', () => {
  const decision = (name: string, value: string) => {
    const { sealed, sensitive } = profile(name, Array(20).fill(value));
    return [sensitive?.kind, sensitive?.decision, sealed];
  };
  assert.deepEqual(decision('c', 'ABCPE1234F'), ['pan', 'seal', true]);
  assert.deepEqual(decision('c', '4111 1111 1111 1111'), ['payment_card', 'seal', true]);
  assert.deepEqual(decision('passport_no', 'J8369854'), ['passport', 'seal', true]);
  assert.deepEqual(decision('c', 'asha@example.org'), ['email', 'warn', false]);
  assert.deepEqual(decision('full_name', 'Asha Iyer'), ['person_name', 'warn', false]);
  assert.deepEqual(decision('dob', '1990-02-28'), ['birth_date', 'warn', false]);
});

test('a reported column that the sender has sealed is masked as its kind', () => {
  const { sealed, maskKind } = profile('mail', ['asha@example.org'], { seal: ['mail'] });
  assert.deepEqual([sealed, maskKind], [true, 'email']);
});

test('a column is of the kind that its values prove, not of the one that its name suggests', () => {
  const cells = numbers(50, all);
  for (const name of ['phone', 'account_number', 'card', 'name']) {
    assert.equal(profile(name, cells).sensitive?.kind, 'aadhaar', name);
  }
  assert.equal(profile('bank account', ['DE89370400440532013000']).sensitive?.kind, 'iban');
  assert.equal(profile('PAN', ['4111111111111111', '5555555555554444']).sensitive?.kind, 'payment_card');
});

test('without a header, codes that only look like an identifier stay plain', () => {
  for (const code of ['ABC1234567', 'J8369854', '123456789', '123-45-6789', '9876543210', 'INVC0001234', '1.2.3.4']) {
    assert.equal(profile('code', Array(50).fill(code)).sealed, false, code);
    assert.notEqual(profile('code', Array(50).fill(code)).sensitive?.decision, 'seal', code);
  }
});

test('a fifth of the rows in one run is met wherever it lies', () => {
  const [words, cards]: [Cell[], Cell[]] = [Array(8).fill('word'), Array(8).fill('4111111111111111')];
  for (const batches of [10, 20, 45, 200]) {
    const run = Math.ceil(batches / 5);
    for (let start = 0; start + run <= batches; start++) {
      const inference = createInference(['c'], { seal: [], plain: [] });
      for (let i = 0; i < batches; i++) {
        inference.add({ length: 8, columns: [i >= start && i < start + run ? cards : words] });
      }
      assert.notEqual(inference.finish()[0]!.sensitive, null, `${start} of ${batches}`);
    }
  }
});

test('identifiers that begin late in a long column are found', () => {
  const inference = createInference(['c'], { seal: [], plain: [] });
  const words: Cell[] = Array(1024).fill('word');
  for (let i = 0; i < 20; i++) inference.add({ length: 1024, columns: [words] });
  for (let i = 0; i < 80; i++) inference.add({ length: 1024, columns: [numbers(1024, all)] });
  const { sealed, sensitive, rows, empty } = inference.finish()[0]!;
  assert.deepEqual([sealed, sensitive?.kind, rows, empty], [true, 'aadhaar', 102_400, 0]);
});

test('a column of Aadhaar numbers is sealed whatever its name, as a whole', () => {
  const cells = [...numbers(70, all), 'unknown', null, ...numbers(29, () => false)];
  const { sealed, sealedBy, sensitive, maskKind, type, empty, rows } = profile('column_7', cells);
  assert.deepEqual(
    { sealed, sealedBy, maskKind, type, empty, rows },
    { sealed: true, sealedBy: 'detected', maskKind: 'aadhaar', type: 'text', empty: 1, rows: 101 },
  );
  assert.deepEqual(sensitive, { kind: 'aadhaar', share: 0.7, header: false, decision: 'seal' });
});

test('order numbers of 12 digits, of which one in ten passes by chance, stay plain', () => {
  const column = profile(
    'order_no',
    numbers(1000, (i) => i % 10 === 0),
  );
  assert.equal(column.sealed, false);
  assert.equal(column.type, 'integer');
  assert.equal(column.sensitive?.decision, 'none');
});

test('a fifth of valid numbers is sealed beside a matching name and a warning without one', () => {
  const cells = numbers(100, (i) => i % 5 === 0);
  assert.equal(profile('uid', cells).sealed, true);
  assert.equal(profile('ref', cells).sealed, false);
  assert.equal(profile('ref', cells).sensitive?.decision, 'warn');
});

test('few valid numbers among other text seal the column when the checksum cannot be chance', () => {
  const cells = [...numbers(10, all), ...Array.from({ length: 90 }, (_, i) => `ABCPD${i}`)];
  const { sealed, sensitive, maskKind } = profile('id_number', cells);
  assert.deepEqual([sealed, maskKind, sensitive?.share], [true, 'text_with_identifiers', 0.1]);
  assert.deepEqual(sensitive?.within, [{ kind: 'aadhaar', cells: 10, decision: 'seal' }]);
});

test('a text with an identifier in one cell is sealed, and one with order numbers is not', () => {
  const prose = Array.from({ length: 500 }, (_, i) => `called back about order ${i}`);
  assert.equal(profile('remark', prose).sealed, false);
  assert.equal(profile('remark', [...prose, 'card 4111 1111 1111 1111']).sealed, true);
  assert.equal(profile('remark', [...prose, 'card 4111 1111 1111 1111'], { plain: ['remark'] }).sealed, false);
  const orders = numbers(500, (i) => i % 10 === 0).map((number) => `order ${number} is late`);
  const shipped = numbers(500, (i) => i % 10 === 0).map((number) => `${number} was sent`);
  for (const cells of [orders, shipped]) assert.equal(profile('remark', cells).sealed, false);
  const mails = profile('remark', [...prose, 'write to asha@example.org']);
  assert.deepEqual(
    [mails.sealed, mails.sensitive?.kind, mails.sensitive?.decision],
    [false, 'text_with_identifiers', 'warn'],
  );
});

test('groups of four beside others are identifiers where a word says so or few are by chance', () => {
  const grouped = (digits: string) => digits.replace(/(\d{4})(?=\d)/g, '$1 ');
  const sealed = (...cells: string[]) => profile('note', [...Array(50).fill('called back'), ...cells]).sealed;
  const [first, second] = numbers(2, all) as [string, string];
  assert.ok(sealed(`Aadhaar ${grouped(first)} 1985`));
  assert.ok(sealed(`${grouped(first)} ${grouped(second)}`));
  assert.ok(sealed(`${grouped(first)} 1985`, `${grouped(second)} 1990`));
  assert.ok(sealed('in 2023 4111 1111 1111 1111'));
  assert.ok(sealed('4111 1111 1111 1111 1227'));
  assert.equal(sealed(`${grouped(first)} 1985`), false, 'one may be chance');
  const others = numbers(200, (i) => i % 10 === 0).map((digits, i) => `booked ${grouped(digits + (1000 + i))}`);
  assert.equal(sealed(...others), false);
  assert.ok(sealed(...others, `send ${grouped(first)}`));
});

test('social security numbers that are whole cells among remarks are warned of, and such codes alone are not', () => {
  const warned = (others: number, codes: number) => {
    const cells = [...Array(others).fill('called back'), ...Array(codes).fill('123-45-6789')];
    const { sealed, sensitive } = profile('remark', cells);
    return [sealed, sensitive?.decision, sensitive?.within];
  };
  assert.deepEqual(warned(45, 5), [false, 'warn', [{ kind: 'us_ssn', cells: 5, decision: 'warn' }]]);
  assert.deepEqual(warned(49, 1), [false, 'warn', [{ kind: 'us_ssn', cells: 1, decision: 'warn' }]]);
  assert.deepEqual(warned(0, 50), [false, undefined, undefined]);
});

test('identifiers inside JSON and addresses of the web are found', () => {
  const json = profile('data', ['{"card":"4111111111111111"}', '[]']);
  assert.deepEqual([json.sealed, json.type, json.sensitive?.kind], [true, 'text', 'text_with_identifiers']);
  assert.equal(profile('link', ['https://example.org/?pan=ABCPE1234F']).sealed, true);
  assert.equal(profile('data', ['{"n":1}']).type, 'json');
});

test('a text that the sender has sealed is masked whole', () => {
  assert.equal(profile('remark', ['my card 4111 1111 1111 1111 and more'], { seal: ['remark'] }).maskKind, 'generic');
});

test('a column named Aadhaar is sealed even when its numbers are wrong', () => {
  const names = [
    'aadhar_number',
    'Aadhaar No.',
    'ADHAR',
    'aadhaarNumber',
    'AADHAARNO',
    'customer aadhar',
    'आधार संख्या',
    'uidai_number',
  ];
  for (const name of names) {
    assert.equal(profile(name, ['1234-5678-9012', null]).sealedBy, 'detected', name);
    assert.equal(profile(name, ['1234']).sealed, true, name);
  }
});

test('a column about Aadhaar that holds no numbers stays plain', () => {
  assert.equal(profile('aadhaar_verified', ['true', 'false']).sensitive?.decision, 'none');
  assert.equal(profile('aadhaar_date', ['2024-01-31']).sealed, false);
  assert.equal(profile('aadhaar_status', ['pending', 'done']).sensitive?.decision, 'none');
  assert.equal(profile('aadhaar_number', ['pending', 'done']).sensitive?.decision, 'warn');
  assert.equal(profile('aadhaar', ['XXXX-XXXX-1234']).sensitive?.decision, 'warn');
  assert.equal(profile('aadhaar', [null, '']).sealed, false);
});

test('the word uid alone seals nothing', () => {
  assert.equal(profile('uid', ['1001', '1002']).sealed, false);
  assert.equal(
    profile(
      'liquid',
      numbers(10, (i) => i < 3),
    ).sealed,
    false,
  );
});

test('the sender can have any column sealed and any left plain, without regard to case', () => {
  const asked = profile('Salary', ['10', '20'], { seal: [' salary '] });
  assert.deepEqual([asked.sealed, asked.sealedBy, asked.maskKind, asked.type], [true, 'asked', 'generic', 'text']);
  const plain = profile('Aadhaar', numbers(5, all), { plain: ['AADHAAR'] });
  assert.deepEqual([plain.sealed, plain.sensitive?.decision], [false, 'seal']);
  assert.equal(profile('a', ['1'], { seal: ['a'], plain: ['A'] }).sealed, true);
});

test('the names of the choice that match a column are told', () => {
  const inference = createInference(['Name', 'Aadhaar'], { seal: ['aadhaar', 'pan'], plain: [' NAME'] });
  assert.deepEqual([...inference.matched], ['aadhaar', ' NAME']);
});

test('a profile says whether the text as it stood must be kept', () => {
  assert.equal(profile('a', ['1', '2']).rawDiffers, false);
  assert.equal(profile('a', ['1', '']).rawDiffers, true);
  assert.equal(profile('a', ['x', '']).rawDiffers, false);
  assert.equal(profile('a', ['1.50']).rawDiffers, true);
  assert.equal(profile('a', ['2024-01-01'], {}, ['45292']).rawDiffers, true);
  assert.equal(profile('a', ['2024-01-01'], {}, [null]).rawDiffers, false);
  assert.equal(profile('a', ['1.50'], { seal: ['a'] }).rawDiffers, false);
});

test('a profile is JSON and holds no value of the column', () => {
  const [number] = numbers(1, all);
  const text = JSON.stringify(profile('aadhaar', [number!, number!]));
  assert.ok(!text.includes(number!));
  assert.deepEqual(JSON.parse(text).sealedBy, 'detected');
});

test('the words of a header are split at case, space and punctuation', () => {
  assert.deepEqual(headerWords('AadhaarNo. (12)_ｕｉｄ'), ['aadhaar', 'no', '12', 'uid']);
});

test('a value of a kind that another column is seals the column into which it was shifted', () => {
  const [first, second, third] = numbers(3, all) as [string, string, string];
  const profiles = (names: Cell[], ids: Cell[]) => {
    const inference = createInference(['name', 'aadhaar', 'amount'], { seal: [], plain: [] });
    inference.add({ length: 4, columns: [names, ids, ['5', '6', '7', third]] });
    return inference.finish().map(({ sealed, sensitive }) => [sealed, sensitive?.kind]);
  };
  assert.deepEqual(profiles(['Asha', second, 'Ravi', 'Meera'], [first, '5', first, first]), [
    [true, 'text_with_identifiers'],
    [true, 'aadhaar'],
    [true, 'aadhaar'],
  ]);
  const [plain] = profiles(['Asha', second, 'Ravi', 'Meera'], ['a', 'b', 'c', 'd']);
  assert.equal(plain![0], false, 'one of twelve digits alone may be chance');
});

test('order numbers beside a column of identifiers stay plain', () => {
  const inference = createInference(['order', 'aadhaar'], { seal: [], plain: [] });
  const columns = [numbers(200, (i) => i % 10 === 0), numbers(200, all)];
  inference.add({ length: 200, columns });
  assert.deepEqual(
    inference.finish().map(({ sealed }) => sealed),
    [false, true],
  );
});

test('in a form of names and values an identifier is known by the cell to its left', () => {
  const form = [
    ...[
      ['Name', 'Asha Iyer'],
      ['Town', 'Pune'],
      ['Joined', '2020-01-31'],
      ['Remark', 'none'],
    ],
  ];
  const sealed = (name: string, value: string) => {
    const rows = [...form, [name, value]];
    const inference = createInference(['field', 'value'], { seal: [], plain: [] });
    inference.add({ length: rows.length, columns: [rows.map(([key]) => key!), rows.map(([, given]) => given!)] });
    return inference.finish().map((column) => column.sealed);
  };
  const identifiers = [
    ...[
      ['PAN', 'ABCPE1234F'],
      ['Aadhaar No.', '234123412346'],
      ['Card number', '4111111111111111'],
    ],
    ...[
      ['Passport No', 'J8369854'],
      ['Account number', '123456789012'],
      ['IBAN', 'DE89370400440532013000'],
    ],
  ];
  for (const [name, value] of identifiers) assert.deepEqual(sealed(name!, value!), [false, true], name);
  assert.deepEqual(sealed('Order number', '234123412346'), [false, false]);
  assert.deepEqual(sealed('Article', '4111111111111111'), [false, false]);
});
