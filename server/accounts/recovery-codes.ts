import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '../backends/db/db.ts';

const COUNT = 10;
/** 120 random bits a code: from 112 on a plain hash protects them (ASVS 5.0, 6.5.2). */
const CODE_SIZE = 15;
/** Crockford's: no letter that looks like a digit. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

/** Gives a user ten new recovery codes in place of those they had. They can be told only now. */
export async function replaceRecoveryCodes(tx: Queryable, userId: string): Promise<string[]> {
  const codes = Array.from({ length: COUNT }, newCode);
  await removeRecoveryCodes(tx, userId);
  await tx
    .insertInto('recovery_codes')
    .values(codes.map((code) => ({ user_id: userId, hash: hashOf(code) })))
    .execute();
  return codes;
}

/** Spends a code, with or without its hyphens and in any case; `false` when it is none of the user's. */
export async function spendRecoveryCode(tx: Queryable, userId: string, code: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('recovery_codes')
    .where('user_id', '=', userId)
    .where('hash', '=', hashOf(code))
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** How many codes a user has left. */
export async function countRecoveryCodes(db: Queryable, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('recovery_codes')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Takes a user's codes away. */
export async function removeRecoveryCodes(tx: Queryable, userId: string): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
}

/** Five bits a letter, in groups of six. */
function newCode(): string {
  const bits = randomBytes(CODE_SIZE).reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
  const letters = Array.from({ length: (CODE_SIZE * 8) / 5 }, (_, n) => LETTERS[Number((bits >> BigInt(n * 5)) & 31n)]);
  return letters.join('').replace(/.{6}(?=.)/g, '$&-');
}

const hashOf = (code: string): string =>
  createHash('sha256').update(code.toLowerCase().replace(/[\s-]/g, '')).digest('base64url');
