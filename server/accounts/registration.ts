import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { UserRow } from '../backends/db/schema.ts';
import type { Origin } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { Invitations } from './invitations.ts';
import type { Passwords } from './passwords.ts';
import type { Setup } from './setup.ts';
import { findMember, findTaken, insertMember, insertUser, type Membership, normalise } from './store.ts';
import type { Throttle } from './throttle.ts';
import { emailTaken, type Named, namesOf, refuseEmail, toUser, type User } from './user.ts';
import type { Workspaces } from './workspaces.ts';

/** Someone who wants to be a user. */
export interface Registration extends Named {
  readonly password: string;
}

/** Who may register: anybody, who was invited, or nobody. */
export type RegistrationMode = 'open' | 'invitation' | 'closed';

/** How users come to be. */
export interface Registrations {
  /**
   * Adds a user: to the workspace they were invited to as what the invitation says, or else to the default one, as a
   * member who may reveal what is in their own files until an administrator takes the right away.
   * @throws Problem `registration_closed`, `invitation_invalid`, `username_taken`, `email_taken`, `weak_password`,
   * `invalid_request`.
   */
  register(registration: Registration, origin: Origin, invitation?: string): Promise<User>;
  /**
   * Adds the first administrator, who also runs the service. @throws Problem `setup_token_invalid`, and as `register`.
   */
  setUp(token: string, registration: Registration, origin: Origin): Promise<User>;
  /**
   * Adds a user who has no password but signs in in another way, which `also` writes down with them. By the rules of
   * `register`, under a mode of its own.
   */
  addForeign(
    registration: Named,
    origin: Origin,
    by: {
      mode: RegistrationMode;
      invitation?: string | undefined;
      also: (tx: Queryable, user: UserRow) => Promise<void>;
    },
  ): Promise<User>;
}

interface Needs {
  db: Database;
  clock: Clock;
  mode: RegistrationMode;
  passwords: Passwords;
  throttle: Throttle;
  setup: Setup;
  invitations: Invitations;
  workspaces: Workspaces;
  audit: Audit;
}

/** Makes a new user a member of something. */
type Join = (tx: Queryable, user: UserRow) => Promise<Membership>;

/** Registrations in the metadata database. */
export function createRegistrations(needs: Needs): Registrations {
  const { db, clock, mode, passwords, throttle, setup, invitations, workspaces, audit } = needs;

  return {
    register: (registration, origin, invitation) =>
      throttle.guard({ account: null, address: origin.address }, async () => {
        // Before the name and the address are looked for: who is not invited is not told who is here.
        if (invitation !== undefined && mode === 'invitation') await invitations.check(invitation, registration.email);
        return add(registration, origin, joinBy(mode, invitation));
      }),

    setUp: (token, registration, origin) =>
      throttle.guard({ account: null, address: origin.address }, async () => {
        await setup.check(token);
        const join: Join = async (tx, user) => {
          await setup.spend(tx, token, user.id);
          return { workspaceId: workspaces.defaultId, role: 'admin', mayReveal: true };
        };
        return add(registration, origin, join, true);
      }),

    async addForeign(registration, origin, { mode: by, invitation, also }) {
      const join = joinBy(by, invitation);
      return add({ ...registration, password: null }, origin, async (tx, user) => {
        await also(tx, user);
        return join(tx, user);
      });
    },
  };

  /** What a new user becomes. @throws Problem `registration_closed`. */
  function joinBy(by: RegistrationMode, invitation: string | undefined): Join {
    if (invitation !== undefined && by !== 'closed') return (tx, user) => invitations.accept(tx, invitation, user);
    if (by !== 'open') throw registrationClosed(by);
    return async () => ({ workspaceId: workspaces.defaultId, role: 'member', mayReveal: true });
  }

  /** Adds a user with what `join` makes them a member of, in one transaction. */
  async function add(
    registration: Named & { password: string | null },
    origin: Origin,
    join: Join,
    operator = false,
  ): Promise<User> {
    refuseUnusable(registration);
    const now = clock();
    const { password } = registration;
    const hash = password === null ? null : await passwords.hash(password, namesOf(registration));
    const user = newUser(registration, hash, operator, now);
    const member = await db.transaction(async (tx) => {
      await refuseTaken(tx, registration);
      await insertUser(tx, user);
      const membership = await join(tx, user);
      await insertMember(tx, user.id, membership, now);
      const { workspaceId } = membership;
      const { address } = origin;
      const by = { workspaceId, actorKind: 'user' as const, actorId: user.id, actorName: user.username, address };
      await audit.appendAs(tx, by, 'user.register', `user:${user.id}`, { role: membership.role });
      return (await findMember(tx, workspaceId, user.id))!;
    });
    return toUser(member);
  }
}

/** A user as they are stored when they are new. */
export function newUser(
  { username, email, full_name: fullName }: Named,
  passwordHash: string | null,
  operator: boolean,
  now: number,
): UserRow {
  return {
    id: newId(),
    username: username.normalize('NFKC').trim(),
    username_key: normalise(username),
    email: email.trim(),
    email_key: normalise(email),
    full_name: fullName.trim(),
    password_hash: passwordHash,
    operator: Number(operator),
    created_at: now,
    last_login_at: null,
  };
}

/** @throws Problem `username_taken`, `email_taken`. */
async function refuseTaken(tx: Queryable, { username, email }: Named): Promise<void> {
  const taken = await findTaken(tx, username, email);
  if (taken === 'username') throw new Problem('username_taken', 'Another user has this username. Choose another one.');
  if (taken === 'email') throw emailTaken();
}

/** @throws Problem `invalid_request` for a name or an address that cannot be one. */
function refuseUnusable({ username, email }: Named): void {
  // What is drawn as nothing (DI) would make two names that look the same, in the audit log too.
  if (!/^[^\s\p{C}\p{DI}]{1,64}$/u.test(username.normalize('NFKC').trim())) {
    throw new Problem('invalid_request', 'The username must have 1 to 64 visible characters without spaces.');
  }
  refuseEmail(email);
}

const registrationClosed = (mode: RegistrationMode) =>
  new Problem(
    'registration_closed',
    mode === 'invitation'
      ? 'Registering needs an invitation. Ask an administrator for one and send it as `invitation`.'
      : 'Nobody can register here. Ask whoever runs the service for an account.',
  );
