/** What a user is in a workspace. */
export type Role = 'admin' | 'member' | 'viewer';

/** Who asks: a user signed in to one workspace. Every feature's function that reads or changes data takes one first. */
export interface Actor {
  readonly userId: string;
  readonly username: string;
  readonly workspaceId: string;
  readonly role: Role;
  /** The separate right to see sealed values as plain text. */
  readonly mayReveal: boolean;
  readonly sessionId: string;
  /** The address the request came from, for the audit log. */
  readonly address: string;
}
