import type { Queryable } from '../backends/db/db.ts';
import { Problem } from '../core/problem.ts';
import { listIdentities } from './identity-store.ts';
import { listPasskeys } from './passkey-store.ts';
import { findUser } from './store.ts';

/**
 * After a passkey or an identity was removed, before that is committed.
 * @throws Problem `last_way_in` when the user has nothing left to log in with.
 */
export async function keepAWayIn(tx: Queryable, userId: string): Promise<void> {
  if ((await findUser(tx, userId))?.password_hash) return;
  if ((await listPasskeys(tx, userId)).length > 0 || (await listIdentities(tx, userId)).length > 0) return;
  throw new Problem('last_way_in', 'You have no other way to log in. Add a passkey or link an identity first.');
}
