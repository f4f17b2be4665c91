import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInference } from './infer.ts';
import type { Policy } from './policy.ts';
import { parsePolicy, parseTaughtKind, parseTaughtKinds, type TaughtKind } from './taught.ts';

const employee = { id: 'employee_id', title: 'Employee id', patterns: ['EMP-\\d{6}'], header: ['staff no'] };
const patient = { id: 'patient_no', title: 'Patient number', patterns: ['\\d{10}'], checksum: 'luhn' };

function profile(name: string, cells: string[], policy: Policy = {}, taught: readonly TaughtKind[] = []) {
  const inference = createInference([name], { seal: [], plain: [] }, { policy, taught });
  inference.add({ length: cells.length, columns: [cells] });
  return inference.finish()[0]!;
}

test('a taught kind is found by its pattern and sealed unless the policy says otherwise', () => {
  const taught = parseTaughtKinds([employee]);
  const cells = Array.from({ length: 20 }, (_, i) => `EMP-${100_000 + i}`);
  const { sealed, sensitive, maskKind } = profile('x', cells, {}, taught);
  assert.deepEqual([sealed, sensitive?.kind, maskKind], [true, 'employee_id', 'employee_id']);
  assert.equal(profile('x', cells).sealed, false);
  assert.equal(profile('x', cells, { employee_id: 'warn' }, taught).sensitive?.decision, 'warn');
  assert.equal(profile('x', cells, { employee_id: 'leave' }, taught).sensitive, null);
  assert.equal(profile('staff no', ['EMP-12345'], {}, taught).sealed, true);
});

test('a taught kind with a checksum tells its numbers from others of their shape', () => {
  const taught = [parseTaughtKind(patient)];
  const valid = ['1234567897', '9876543217', '5555555557'];
  assert.equal(profile('x', valid, {}, taught).sensitive?.kind, 'patient_no');
  assert.equal(profile('x', ['1234567890', '9876543210', '5555555555'], {}, taught).sealed, false);
});

test('a taught kind that needs its header, or a larger share, is found with it alone', () => {
  const taught = [parseTaughtKind({ ...employee, headerNeeded: true })];
  assert.equal(profile('x', ['EMP-123456'], {}, taught).sealed, false);
  assert.equal(profile('staff_no', ['EMP-123456'], {}, taught).sealed, true);
  const half = ['EMP-123456', 'EMP-123457', 'none', 'none'];
  assert.equal(profile('x', half, {}, [parseTaughtKind({ ...employee, share: 0.5 })]).sealed, true);
  assert.equal(profile('x', half, {}, [parseTaughtKind({ ...employee, share: 0.8 })]).sealed, false);
});

test('a policy says what becomes of the kinds that are built in', () => {
  const cards = Array<string>(10).fill('4111111111111111');
  const mails = Array<string>(10).fill('asha@example.org');
  const of = (cells: string[], policy: unknown) => {
    const { sealed, masked, sensitive } = profile('x', cells, parsePolicy(policy));
    return [sealed, masked, sensitive?.decision];
  };
  assert.deepEqual(of(cards, {}), [true, false, 'seal']);
  assert.deepEqual(of(cards, { payment_card: 'mask' }), [false, true, 'mask']);
  assert.deepEqual(of(cards, { payment_card: 'warn' }), [false, false, 'warn']);
  assert.deepEqual(of(cards, { payment_card: 'leave', aadhaar_vid: 'leave' }), [false, false, undefined]);
  assert.deepEqual(of(mails, { email: 'seal' }), [true, false, 'seal']);
});

test('what is wrong with a policy or a taught kind is said', () => {
  const refused = (work: () => unknown, why: RegExp) =>
    assert.throws(
      work,
      (error: { code?: string; detail?: string }) => error.code === 'invalid_request' && why.test(error.detail ?? ''),
    );
  for (const [json, why] of [
    [null, /JSON object/],
    [[], /JSON object/],
    [{ ...employee, id: 'Employee' }, /^id must be/],
    [{ ...employee, id: 'pan' }, /built in/],
    [{ ...employee, title: ' ' }, /^title/],
    [{ ...employee, patterns: [] }, /^patterns/],
    [{ ...employee, patterns: ['(a+)+'] }, /^patterns\[0\] cannot be read: at character 1/],
    [{ ...employee, checksum: 'crc' }, /^checksum must be null or one of luhn/],
    [{ ...employee, header: 'staff' }, /^header/],
    [{ ...employee, header: [], headerNeeded: true }, /headerNeeded/],
    [{ ...employee, share: 0 }, /^share/],
    [{ ...employee, other: 1 }, /no field "other"/],
  ] as const) {
    refused(() => parseTaughtKind(json), why);
  }
  refused(() => parseTaughtKinds([employee, employee]), /Two taught kinds/);
  refused(() => parsePolicy({ pan: 'hide' }), /seal, mask, warn, leave/);
  refused(() => parsePolicy({ nothing: 'seal' }), /no kind/);
  refused(() => parsePolicy('seal'), /JSON object/);
  refused(() => parsePolicy(JSON.parse('{"__proto__": "seal"}')), /no kind/);
  assert.deepEqual(parsePolicy({ employee_id: 'warn' }, [parseTaughtKind(employee)]), { employee_id: 'warn' });
});
