import type { Queryable } from '../backends/db/db.ts';
import type { IdentityRow } from '../backends/db/schema.ts';

/** The identities that a user is linked to, oldest first. */
export function listIdentities(db: Queryable, userId: string): Promise<IdentityRow[]> {
  return db.selectFrom('identities').selectAll().where('user_id', '=', userId).orderBy('created_at').execute();
}

/** The identity that an issuer knows by this subject, or `undefined`. */
export function findIdentity(db: Queryable, issuer: string, subject: string): Promise<IdentityRow | undefined> {
  return db
    .selectFrom('identities')
    .selectAll()
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
}

/** Links an identity. @throws the database's error when it is linked already. */
export async function insertIdentity(tx: Queryable, identity: IdentityRow): Promise<void> {
  await tx.insertInto('identities').values(identity).execute();
}

/** Takes a link of a user away; `false` when they have no such one. */
export async function removeIdentity(tx: Queryable, userId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('identities')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
