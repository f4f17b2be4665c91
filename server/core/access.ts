import { type Actor, type Role, SCOPES, type Scope } from './actor.ts';
import { Problem } from './problem.ts';

/** Who may do one thing. All of what is said must hold. */
export interface Rule {
  /** What it is, for people. */
  readonly what: string;
  readonly roles: readonly Role[];
  /** The scope that a client, or a session held to scopes, needs; `null` where neither may at all. */
  readonly scope: Scope | null;
  /** Needs the right to reveal. */
  readonly reveal?: true;
  /** Needs to run the service. */
  readonly operator?: true;
}

const EVERYONE = ['admin', 'member', 'viewer'] as const;

/**
 * Who may do what to a file and its datasets: its owner; besides, whoever may read it, if they are an administrator. Read
 * it may its owner, an administrator of its workspace and, where the workspace shares its files, every member. To all
 * others it does not exist. `docs/access.md` is generated from this table.
 */
export const FILE_RULES = {
  read: { what: 'read rows, sealed values as tokens or masks', roles: EVERYONE, scope: 'files:read' },
  reveal: {
    what: 'read sealed values as plain text, compare with them, get the original of a file that has any, or its checksum',
    roles: EVERYONE,
    scope: 'reveal',
    reveal: true,
  },
  delete: { what: 'remove, cancel, parse again', roles: ['admin', 'member'], scope: 'files:write' },
} as const satisfies Record<string, Rule>;

/** Who may do what in the workspace they are signed in to. `docs/access.md` is generated from this table. */
export const WORKSPACE_RULES = {
  upload: { what: 'send files', roles: ['admin', 'member'], scope: 'files:write' },
  list_files: { what: 'list, search and count files', roles: EVERYONE, scope: 'files:read' },
  change_own_account: {
    what: 'change the own profile, password, second factor, sessions',
    roles: EVERYONE,
    scope: null,
  },
  list_users: { what: 'list users and invitations', roles: ['admin'], scope: 'admin' },
  change_user: { what: 'change and remove users, end their sessions', roles: ['admin'], scope: 'admin' },
  reset_shared_user: {
    what: 'reset the second factor of a user who runs the service or is in other workspaces too',
    roles: ['admin'],
    scope: 'admin',
    operator: true,
  },
  invite: { what: 'invite users, take invitations back', roles: ['admin'], scope: 'admin' },
  manage_clients: { what: 'make, change, rotate and revoke clients', roles: ['admin'], scope: 'admin' },
  introspect: {
    what: 'ask what a token of the workspace is good for (a client may with its key)',
    roles: ['admin'],
    scope: 'admin',
  },
  see_workspace: {
    what: 'see the workspace, its use, its quotas and what is sealed in it',
    roles: EVERYONE,
    scope: 'files:read',
  },
  change_workspace: { what: 'rename the workspace, share its files, set its policy', roles: ['admin'], scope: 'admin' },
  read_audit: { what: 'read, export and verify the audit log', roles: ['admin'], scope: 'audit:read' },
  search_audit: { what: 'ask who has seen a value', roles: ['admin'], scope: 'audit:read', reveal: true },
  export_keys: { what: 'export the Fernet keys', roles: ['admin'], scope: 'admin', reveal: true },
  run_service: { what: 'make and remove workspaces, set quotas', roles: EVERYONE, scope: null, operator: true },
} as const satisfies Record<string, Rule>;

/** What can be done to a file and its datasets. */
export type FileAction = keyof typeof FILE_RULES;

/** What can be done in a workspace. */
export type WorkspaceAction = keyof typeof WORKSPACE_RULES;

interface Owned {
  readonly workspaceId: string;
  readonly ownerId: string;
}

/** Whether the actor reads the files of all members of the workspace. */
const readsAllFiles = (actor: Actor): boolean => actor.role === 'admin' || actor.sharedFiles;

/**
 * @throws Problem `file_not_found` when the actor may not read the file; else why the action is refused:
 * `insufficient_scope`, `reveal_not_allowed`, `forbidden`.
 */
export function allowOnFile(actor: Actor, action: FileAction, file: Owned & { id: string }): void {
  const own = file.ownerId === actor.id;
  if (file.workspaceId !== actor.workspaceId || !(own || readsAllFiles(actor))) {
    throw new Problem('file_not_found', `There is no file ${file.id} that you may read.`);
  }
  hold(actor, FILE_RULES.read);
  if (action === 'read') return;
  if (action === 'delete' && !own && actor.role !== 'admin') {
    throw new Problem('forbidden', 'Only its owner or an administrator may change this file.');
  }
  hold(actor, FILE_RULES[action]);
}

/** Whether `allowOnFile` would let the actor. */
export function mayOnFile(actor: Actor, action: FileAction, file: Owned & { id: string }): boolean {
  try {
    allowOnFile(actor, action, file);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** @throws Problem `forbidden` when the actor may not list the files of all members; `insufficient_scope`. */
export function allowAllFiles(actor: Actor): void {
  hold(actor, WORKSPACE_RULES.list_files);
  if (readsAllFiles(actor)) return;
  throw new Problem(
    'forbidden',
    'The files of all are listed for administrators, and for members where files are shared.',
  );
}

/** @throws Problem `insufficient_scope`, `reveal_not_allowed` or `forbidden` when the actor may not do this. */
export function allowInWorkspace(actor: Actor, action: WorkspaceAction): void {
  hold(actor, WORKSPACE_RULES[action]);
}

/** The scopes that the actor can make something of, and so can give to a client or another session. */
export function scopesOf(actor: Pick<Actor, 'kind' | 'role' | 'mayReveal' | 'scopes'>): Scope[] {
  const rules: Rule[] = [...Object.values(FILE_RULES), ...Object.values(WORKSPACE_RULES)];
  const mayUse = ({ roles, reveal, operator }: Rule) =>
    roles.includes(actor.role) && (!reveal || actor.mayReveal) && !operator;
  return SCOPES.filter((scope) => hasScope(actor, scope) && rules.some((rule) => rule.scope === scope && mayUse(rule)));
}

function hold(actor: Actor, { what, roles, scope, reveal, operator }: Rule): void {
  if (!roles.includes(actor.role) || (operator && !actor.operator)) {
    const asked = operator ? 'Someone who does not run the service' : `A ${actor.role}`;
    throw new Problem('forbidden', `${asked} may not do this: ${what}. Ask an administrator.`);
  }
  if (!hasScope(actor, scope)) {
    const needed = scope === null ? 'a login with a password of your own' : `the scope ${scope}`;
    throw new Problem('insufficient_scope', `This needs ${needed}: ${what}.`);
  }
  if (reveal && !actor.mayReveal) {
    throw new Problem('reveal_not_allowed', 'You have no right to reveal. Ask an administrator of the workspace.');
  }
}

function hasScope({ kind, scopes }: Pick<Actor, 'kind' | 'scopes'>, needed: Scope | null): boolean {
  if (needed === null) return kind === 'user' && scopes === null;
  return scopes === null || scopes.includes(needed);
}
