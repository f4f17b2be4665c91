import type { Actor } from './actor.ts';
import { Problem, type ProblemCode } from './problem.ts';

/** What can be done to a file and its datasets. */
export type FileAction = 'read' | 'upload' | 'delete' | 'reveal';

/** What can be done in a workspace. */
export type WorkspaceAction = 'list_users' | 'change_user' | 'read_audit' | 'export_keys';

interface Owned {
  readonly workspaceId: string;
  readonly ownerId: string;
}

/**
 * Who may do what, in one table.
 *
 * | | own file | another's file, same workspace | file of another workspace |
 * |---|---|---|---|
 * | viewer | read | – | – |
 * | member | read, delete | – | – |
 * | admin | read, delete | read, delete | – |
 *
 * `reveal` (plain values, and the original file when a column of it is sealed) needs `read` and the right to reveal.
 * Whoever may not read a file is told that it does not exist.
 */
export function mayOnFile(actor: Actor, action: FileAction, file: Owned): boolean {
  if (file.workspaceId !== actor.workspaceId) return false;
  const mayRead = actor.role === 'admin' || file.ownerId === actor.userId;
  if (action === 'read') return mayRead;
  if (action === 'reveal') return mayRead && actor.mayReveal;
  return mayRead && actor.role !== 'viewer';
}

/** @throws Problem `file_not_found` when the actor may not read the file, else what the action's refusal is called. */
export function allowOnFile(actor: Actor, action: FileAction, file: Owned & { id: string }): void {
  if (!mayOnFile(actor, 'read', file))
    throw new Problem('file_not_found', `There is no file ${file.id} that you may read.`);
  if (mayOnFile(actor, action, file)) return;
  throw action === 'reveal'
    ? new Problem('reveal_not_allowed', 'Your account has no right to reveal. Ask an administrator of the workspace.')
    : new Problem('forbidden', `A ${actor.role} may not ${action} this file.`);
}

/** @throws Problem `forbidden` (`reveal_not_allowed` for the keys) when the actor may not do this in the workspace. */
export function allowInWorkspace(actor: Actor, action: WorkspaceAction | 'upload'): void {
  const [allowed, code]: [boolean, ProblemCode] =
    action === 'upload'
      ? [actor.role !== 'viewer', 'forbidden']
      : action === 'export_keys'
        ? [actor.role === 'admin' && actor.mayReveal, 'reveal_not_allowed']
        : [actor.role === 'admin', 'forbidden'];
  if (!allowed)
    throw new Problem(code, `A ${actor.role} may not do this (${action}). Ask an administrator of the workspace.`);
}
