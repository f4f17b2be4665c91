/** What a user or client is in a workspace. */
export type Role = 'admin' | 'member' | 'viewer';

/** All that a session or a client can be held to; a user's own login is held to none of them. */
export const SCOPES = ['files:read', 'files:write', 'reveal', 'audit:read', 'admin'] as const;

/** A part of what a role may do, as in OAuth 2.0 (RFC 6749, 3.3). */
export type Scope = (typeof SCOPES)[number];

/**
 * Who asks: a user or a client, signed in to one workspace. Every feature's function that reads or changes data takes
 * one first. It is what they are at the time of a request, so that a change of what someone may acts at once.
 */
export interface Actor {
  readonly kind: 'user' | 'client';
  readonly id: string;
  /** The username, or the client's name. */
  readonly name: string;
  readonly workspaceId: string;
  readonly role: Role;
  /** The separate right to see sealed values as plain text. */
  readonly mayReveal: boolean;
  /** Whether the workspace lets all its members read all its files. */
  readonly sharedFiles: boolean;
  /** The workspace's quota of requests a minute; `null` where it has none. */
  readonly maxRequests: number | null;
  /** Whether they run the service: make workspaces, set quotas. */
  readonly operator: boolean;
  /** What the session is held to; `null` for all that the role allows. */
  readonly scopes: readonly Scope[] | null;
  readonly sessionId: string;
  /** When they last proved who they are, as milliseconds since 1970. */
  readonly confirmedAt: number;
  /** The address the request came from, for the audit log. */
  readonly address: string;
}

/** Where a request comes from. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}
