import type { ClientRow } from '../backends/db/schema.ts';
import type { Scope } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';
import { moreThan, scopesOfClient } from './grants.ts';

/** A client's name as it is stored. @throws Problem `invalid_request`. */
export function cleanName(name: string): string {
  const clean = name.normalize('NFKC').trim();
  if (/^[^\p{C}\p{DI}]{1,100}$/u.test(clean)) return clean;
  throw new Problem('invalid_request', 'The name must have 1 to 100 visible characters.');
}

/**
 * A scope that the client's role makes nothing of is a mistake that would show only when it is used.
 * @throws Problem `invalid_request`.
 */
export function refuseUseless(client: ClientRow): void {
  const scopes = JSON.parse(client.scopes) as Scope[];
  const useless = moreThan(scopesOfClient(client), scopes);
  if (useless.length === 0 && scopes.length > 0) return;
  throw new Problem(
    'invalid_request',
    scopes.length === 0
      ? 'A client without scopes can do nothing. Give it at least one.'
      : `A ${client.role} can make nothing of ${useless.join(', ')}. Leave it out or choose another role.`,
  );
}
