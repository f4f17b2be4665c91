import type { ClientRow } from '../backends/db/schema.ts';
import { scopesOf } from '../core/access.ts';
import type { Actor, Role, Scope } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';

/** A client's name as it is stored. @throws Problem `invalid_request`. */
export function cleanName(name: string): string {
  const clean = name.normalize('NFKC').trim();
  if (/^[^\p{C}]{1,100}$/u.test(clean)) return clean;
  throw new Problem('invalid_request', 'The name must have 1 to 100 visible characters.');
}

/**
 * Nobody gives away more than they have.
 * @throws Problem `insufficient_scope`, `reveal_not_allowed`.
 */
export function refuseMoreThanHeld(actor: Actor, scopes: readonly Scope[]): void {
  const held = scopesOf(actor);
  const more = scopes.filter((scope) => !held.includes(scope));
  if (more.length === 0) return;
  if (more.includes('reveal') && !actor.mayReveal) {
    throw new Problem('reveal_not_allowed', 'You have no right to reveal and can give it to no client.');
  }
  throw new Problem('insufficient_scope', `You do not hold ${more.join(', ')} and can give it to no client.`);
}

/**
 * A scope that the client's role makes nothing of is a mistake that would show only when it is used.
 * @throws Problem `invalid_request`.
 */
export function refuseUseless({ role: text, scopes: json }: ClientRow): void {
  const role = text as Role;
  const scopes = JSON.parse(json) as Scope[];
  const usable = scopesOf({ kind: 'client', role, scopes, mayReveal: scopes.includes('reveal') });
  const useless = scopes.filter((scope) => !usable.includes(scope));
  if (useless.length === 0 && scopes.length > 0) return;
  throw new Problem(
    'invalid_request',
    scopes.length === 0
      ? 'A client without scopes can do nothing. Give it at least one.'
      : `A ${role} can make nothing of ${useless.join(', ')}. Leave it out or choose another role.`,
  );
}
