import { SCOPES, type Scope } from '../core/actor.ts';
import { OAuthError } from './oauth-error.ts';

/**
 * The scopes of a request's `scope` (RFC 6749, 3.3); `null` when none is asked for.
 * @throws OAuthError `invalid_scope` for one that there is not.
 */
export function toScopes(text: string | undefined): Scope[] | null {
  const names = text?.split(' ').filter(Boolean) ?? [];
  if (names.length === 0) return null;
  if (!isWithin(names, SCOPES)) throw invalidScope(SCOPES);
  return [...new Set(names)] as Scope[];
}

/** Whether no more is asked for than there may be. */
export const isWithin = (asked: readonly string[], may: readonly string[]): boolean =>
  asked.every((scope) => may.includes(scope));

/** The refusal of a scope, telling what there may be. */
export const invalidScope = (may: readonly Scope[]) =>
  new OAuthError('invalid_scope', `There is no more than: ${may.join(' ')}.`);
