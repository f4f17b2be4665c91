import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { totpCode } from '../../test/helpers/totp.ts';
import { openSqliteDatabase } from '../backends/db/sqlite.ts';
import { createLocalRootKeys } from '../backends/keys/local.ts';
import { newKey } from '../seal/envelope.ts';
import { createFactorCodes } from './factor-codes.ts';
import { replaceRecoveryCodes } from './recovery-codes.ts';
import { newUser } from './registration.ts';
import { insertUser } from './store.ts';
import { showTotpSecret } from './totp.ts';

const folder = mkdtempSync(join(tmpdir(), 'intakt-codes-'));
const db = await openSqliteDatabase(join(folder, 'files.db'), newKey());
after(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

let now = 1_800_000_000_000;
const codes = createFactorCodes({ db, root: createLocalRootKeys([newKey()]), clock: () => now });
let people = 0;

/** Somebody whose second factor is on. */
async function newOwner() {
  const username = `owner${++people}`;
  const user = newUser({ username, email: `${username}@example.org`, full_name: '' }, null, false, now);
  await insertUser(db.query, user);
  const { secret } = showTotpSecret(await codes.start(user.id), username);
  const step = await codes.tryFirst(user.id, totpCode(secret, now / 1000));
  await db.transaction((tx) => codes.turnOn(tx, user.id, step!));
  now += 30_000;
  return { id: user.id, code: (steps = 0) => totpCode(secret, now / 1000 + steps * 30) };
}

test('after a hundred wrong codes in a row only a recovery code gets in, and then codes are good again', async () => {
  const owner = await newOwner();
  const [recovery] = await db.transaction((tx) => replaceRecoveryCodes(tx, owner.id));
  const wrong = () => String((Number(owner.code()) + 500_000) % 1_000_000).padStart(6, '0');
  for (let guess = 0; guess < 99; guess++) assert.equal(await codes.check(owner.id, wrong()), null);
  assert.equal(await codes.check(owner.id, owner.code()), 'otp', 'the hundredth may still be right');
  now += 30_000;
  for (let guess = 0; guess < 100; guess++) assert.equal(await codes.check(owner.id, wrong()), null);
  assert.equal(await codes.check(owner.id, owner.code()), null);
  assert.equal(await codes.check(owner.id, recovery!), 'recovery');
  assert.equal(await codes.check(owner.id, owner.code()), 'otp');
});

test('of a code that is given twice at the same moment one is taken', async () => {
  const owner = await newOwner();
  const code = owner.code();
  const taken = await Promise.all(Array.from({ length: 10 }, () => codes.check(owner.id, code)));
  assert.deepEqual(taken.filter(Boolean), ['otp']);
});

test('the code of somebody else is wrong, and so is that of who has no second factor', async () => {
  const [one, other] = [await newOwner(), await newOwner()];
  if (one.code() !== other.code()) assert.equal(await codes.check(one.id, other.code()), null);
  assert.equal(await codes.check('nobody', one.code()), null);
});
