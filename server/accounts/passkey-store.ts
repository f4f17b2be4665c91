import type { Queryable } from '../backends/db/db.ts';
import type { PasskeyRow } from '../backends/db/schema.ts';

/** A user's passkeys, oldest first. */
export function listPasskeys(db: Queryable, userId: string): Promise<PasskeyRow[]> {
  return db.selectFrom('passkeys').selectAll().where('user_id', '=', userId).orderBy('created_at').execute();
}

/** The passkey with this credential, whosever it is, or `undefined`. */
export function findPasskey(db: Queryable, credential: string): Promise<PasskeyRow | undefined> {
  return db.selectFrom('passkeys').selectAll().where('credential', '=', credential).executeTakeFirst();
}

/** Adds a passkey. @throws the database's error when the credential is known. */
export async function insertPasskey(tx: Queryable, passkey: PasskeyRow): Promise<void> {
  await tx.insertInto('passkeys').values(passkey).execute();
}

/**
 * Writes down that a passkey was used; `false` when its counter has not grown, which says that there is a copy of it
 * (WebAuthn Level 3, 6.1.1). Synced passkeys do not count: theirs stays 0.
 */
export async function countUse(tx: Queryable, id: string, counter: number, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('passkeys')
    .set({ counter, last_used_at: now })
    .where('id', '=', id)
    .where((e) => e.or([e('counter', '<', counter), e.and([e('counter', '=', 0), e.lit(counter === 0)])]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Gives a user's passkey another name. */
export async function renamePasskey(tx: Queryable, userId: string, id: string, name: string): Promise<void> {
  await tx.updateTable('passkeys').set({ name }).where('user_id', '=', userId).where('id', '=', id).execute();
}

/** Removes a user's passkey; `false` when they have no such one. */
export async function removePasskey(tx: Queryable, userId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('passkeys')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Removes all passkeys of a user; how many there were. */
export async function removePasskeys(tx: Queryable, userId: string): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('passkeys').where('user_id', '=', userId).executeTakeFirst();
  return Number(numDeletedRows);
}
