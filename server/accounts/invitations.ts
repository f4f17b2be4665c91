import { createHash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { InvitationRow, UserRow } from '../backends/db/schema.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor, Role, Scope } from '../core/actor.ts';
import { type Clock, isoTime } from '../core/clock.ts';
import { newId, newSecret } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { findClient } from './client-store.ts';
import { moreThan, refuseMoreThanHeld, scopesOfClient, scopesOfMember } from './grants.ts';
import { requireConfirmed } from './login.ts';
import { findMember, findUser, insertMember, type Membership, normalise } from './store.ts';

/** What is told of an invitation. */
export interface Invitation {
  readonly invitation_id: string;
  readonly email: string | null;
  readonly role: Role;
  readonly may_reveal: boolean;
  readonly invited_by: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly status: 'open' | 'accepted' | 'expired';
}

/** Whom to invite, and as what. */
export interface NewInvitation {
  /** The only address that may accept it; anybody who has the token, when absent. */
  readonly email?: string;
  readonly role: Role;
  readonly may_reveal: boolean;
  /** How long it is good for. */
  readonly days: number;
}

/**
 * Invitations to a workspace. Nothing is sent: whoever invites hands the token over, which is told once. One is good as long
 * as who made it could still make it.
 */
export interface Invitations {
  /**
   * @throws Problem `forbidden`, `confirmation_required`; `insufficient_scope`, `reveal_not_allowed` for who would give what
   * they do not hold.
   */
  invite(actor: Actor, invitation: NewInvitation): Promise<Invitation & { token: string }>;
  list(actor: Actor, limit: number, offset: number): Promise<{ items: Invitation[]; total: number }>;
  /** Takes an invitation back. @throws Problem `invitation_not_found`. */
  withdraw(actor: Actor, invitationId: string): Promise<void>;
  /** Makes the caller, who is a user already, a member of the workspace; its id. @throws Problem `invitation_invalid`. */
  join(actor: Actor, token: string): Promise<string>;
  /** @throws Problem `invitation_invalid` when nobody new with this e-mail address could accept it. */
  check(token: string, email: string): Promise<void>;
  /** Spends an invitation for a user. @throws Problem `invitation_invalid`. */
  accept(tx: Queryable, token: string, user: UserRow): Promise<Membership>;
  /** Removes those that expired a month ago. */
  sweep(): Promise<void>;
}

const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Invitations in the metadata database. */
export function createInvitations(db: Database, clock: Clock, audit: Audit): Invitations {
  /** Whether an invitation that is open is for this address, and who made it could still make it. */
  const isGood = async (tx: Queryable, row: InvitationRow, emailKey: string): Promise<boolean> =>
    (row.email === null || normalise(row.email) === emailKey) && (await couldInvite(tx, row, clock()));

  const accept: Invitations['accept'] = async (tx, token, user) => {
    const row = await tx
      .updateTable('invitations')
      .set({ accepted_at: clock(), accepted_by: user.id })
      .where('hash', '=', hashOf(token))
      .where('accepted_at', 'is', null)
      .where('expires_at', '>', clock())
      .returningAll()
      .executeTakeFirst();
    if (!row || !(await isGood(tx, row, user.email_key))) throw invalid();
    if (await findMember(tx, row.workspace_id, user.id)) throw invalid();
    return { workspaceId: row.workspace_id, role: row.role as Role, mayReveal: row.may_reveal === 1 };
  };

  return {
    accept,

    async check(token, email) {
      const row = await db.query
        .selectFrom('invitations')
        .selectAll()
        .where('hash', '=', hashOf(token))
        .where('accepted_at', 'is', null)
        .where('expires_at', '>', clock())
        .executeTakeFirst();
      if (!row || !(await isGood(db.query, row, normalise(email)))) throw invalid();
    },

    async sweep() {
      await db.query
        .deleteFrom('invitations')
        .where('expires_at', '<', clock() - KEPT_MS)
        .execute();
    },

    async invite(actor, { email, role, may_reveal: mayReveal, days }) {
      allowInWorkspace(actor, 'invite');
      requireConfirmed(actor, clock);
      refuseMoreThanHeld(actor, scopesOfMember(role, mayReveal));
      const token = newSecret();
      const now = clock();
      const row = {
        id: newId(),
        workspace_id: actor.workspaceId,
        hash: hashOf(token),
        email: email?.trim() ?? null,
        role,
        may_reveal: Number(mayReveal),
        invited_by: actor.id,
        created_at: now,
        expires_at: now + days * DAY_MS,
        accepted_by: null,
        accepted_at: null,
      };
      await db.transaction(async (tx) => {
        await tx.insertInto('invitations').values(row).execute();
        await audit.append(tx, actor, 'invitation.create', `invitation:${row.id}`, { role, may_reveal: mayReveal });
      });
      return { ...toInvitation(row), token };
    },

    async list(actor, limit, offset) {
      allowInWorkspace(actor, 'list_users');
      const of = db.query.selectFrom('invitations').where('workspace_id', '=', actor.workspaceId);
      const rows = await of
        .selectAll()
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .offset(offset)
        .execute();
      const { total } = await of.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
      return { items: rows.map(toInvitation), total: Number(total) };
    },

    async withdraw(actor, invitationId) {
      allowInWorkspace(actor, 'invite');
      await db.transaction(async (tx) => {
        const { numDeletedRows } = await tx
          .deleteFrom('invitations')
          .where('workspace_id', '=', actor.workspaceId)
          .where('id', '=', invitationId)
          .where('accepted_at', 'is', null)
          .executeTakeFirst();
        if (numDeletedRows === 0n) {
          throw new Problem('invitation_not_found', `There is no open invitation ${invitationId} in this workspace.`);
        }
        await audit.append(tx, actor, 'invitation.withdraw', `invitation:${invitationId}`, {});
      });
    },

    async join(actor, token) {
      allowInWorkspace(actor, 'change_own_account');
      return db.transaction(async (tx) => {
        const membership = await accept(tx, token, (await findUser(tx, actor.id))!);
        await insertMember(tx, actor.id, membership, clock());
        const { workspaceId, role } = membership;
        await audit.append(tx, { ...actor, workspaceId }, 'user.join', `user:${actor.id}`, { role });
        return workspaceId;
      });
    },
  };

  function toInvitation(row: Omit<InvitationRow, 'hash'>): Invitation {
    const open = row.expires_at > clock() ? 'open' : 'expired';
    return {
      invitation_id: row.id,
      email: row.email,
      role: row.role as Role,
      may_reveal: row.may_reveal === 1,
      invited_by: row.invited_by,
      created_at: isoTime(row.created_at),
      expires_at: isoTime(row.expires_at),
      status: row.accepted_at === null ? open : 'accepted',
    };
  }
}

/** Whether who made an invitation could still make it: it is no way back for who was shut out or lost a right. */
async function couldInvite(tx: Queryable, invitation: InvitationRow, now: number): Promise<boolean> {
  const { workspace_id: workspaceId, invited_by: by, role, may_reveal: mayReveal } = invitation;
  const held = await scopesHeldBy(tx, workspaceId, by, now);
  return moreThan(held, ['admin', ...scopesOfMember(role as Role, mayReveal === 1)]).length === 0;
}

async function scopesHeldBy(tx: Queryable, workspaceId: string, id: string, now: number): Promise<Scope[]> {
  const member = await findMember(tx, workspaceId, id);
  if (member) return member.active ? scopesOfMember(member.role, member.mayReveal) : [];
  const client = await findClient(tx, workspaceId, id);
  const isOver = !client || client.revoked_at !== null || (client.expires_at !== null && client.expires_at <= now);
  return isOver ? [] : scopesOfClient(client);
}

const invalid = () =>
  new Problem(
    'invitation_invalid',
    'The invitation is unknown, used, withdrawn, expired, for another e-mail address, of somebody who may not invite any more, or to a workspace you are in.',
  );
