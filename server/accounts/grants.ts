import type { ClientRow } from '../backends/db/schema.ts';
import { scopesOf } from '../core/access.ts';
import type { Actor, Role, Scope } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';

/** All that a member of this role can do with a login of their own, and with the right to reveal or without. */
export const scopesOfMember = (role: Role, mayReveal: boolean): Scope[] =>
  scopesOf({ kind: 'user', role, mayReveal, scopes: null });

/** All that a client can make something of. */
export function scopesOfClient({ role, scopes: json }: Pick<ClientRow, 'role' | 'scopes'>): Scope[] {
  const scopes = JSON.parse(json) as Scope[];
  return scopesOf({ kind: 'client', role: role as Role, scopes, mayReveal: scopes.includes('reveal') });
}

/** What is in `scopes` and not in `held`. */
export const moreThan = (held: readonly Scope[], scopes: readonly Scope[]): Scope[] =>
  scopes.filter((scope) => !held.includes(scope));

/**
 * Nobody gives away more than they have.
 * @throws Problem `insufficient_scope`, `reveal_not_allowed`.
 */
export function refuseMoreThanHeld(actor: Actor, scopes: readonly Scope[]): void {
  const more = moreThan(scopesOf(actor), scopes);
  if (more.length === 0) return;
  if (more.includes('reveal') && !actor.mayReveal) {
    throw new Problem('reveal_not_allowed', 'You have no right to reveal and can give it to nobody.');
  }
  throw new Problem('insufficient_scope', `You do not hold ${more.join(', ')} and can give it to nobody.`);
}

/** What somebody is in a workspace. */
export interface Standing {
  readonly role: Role;
  readonly active: boolean;
  readonly scopes: readonly Scope[];
}

/**
 * The scopes by which somebody reaches more than before: whoever becomes an administrator, or active again, does by every
 * scope. Whoever widens what another reaches must hold them. None when nothing is widened.
 */
export function widenedScopes(before: Standing, after: Standing): readonly Scope[] {
  const reachesMore = (after.role === 'admin' && before.role !== 'admin') || (after.active && !before.active);
  return reachesMore ? after.scopes : moreThan(before.scopes, after.scopes);
}
