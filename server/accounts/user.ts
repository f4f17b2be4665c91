import type { Role } from '../core/actor.ts';
import { isoTime, isoTimeOrNull } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import type { Member } from './store.ts';

/** What is told of a user; never a secret. */
export interface User {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
  readonly role: Role;
  readonly may_reveal: boolean;
  readonly active: boolean;
  readonly operator: boolean;
  readonly workspace_id: string;
  readonly created_at: string;
  readonly last_login_at: string | null;
}

/** What users are called. */
export type Named = Pick<User, 'username' | 'email' | 'full_name'>;

/** A member of a workspace as they are told of. */
export function toUser(member: Member): User {
  return {
    user_id: member.id,
    username: member.username,
    email: member.email,
    full_name: member.fullName,
    role: member.role,
    may_reveal: member.mayReveal,
    active: member.active,
    operator: member.operator,
    workspace_id: member.workspaceId,
    created_at: isoTime(member.createdAt),
    last_login_at: isoTimeOrNull(member.lastLoginAt),
  };
}

/** What everybody knows of a user, and nobody may choose as a password. */
export const namesOf = ({ username, email, full_name: fullName }: Named): string[] => [
  username,
  email,
  email.split('@', 1)[0]!,
  fullName,
];

/** @throws Problem `invalid_request` for an address that cannot be one. */
export function refuseEmail(email: string): void {
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim())) throw new Problem('invalid_request', 'The e-mail address is not valid.');
}

/** The problem of an address that is another user's. */
export const emailTaken = () =>
  new Problem('email_taken', 'Another user has this e-mail address. Log in instead, or use another one.');
