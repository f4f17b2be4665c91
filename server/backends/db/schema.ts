import type { Generated } from 'kysely';

/** The tables of the metadata database. Times are milliseconds since 1970; JSON is stored as text. */
export interface Schema {
  workspaces: WorkspaceRow;
  users: UserRow;
  members: MemberRow;
  invitations: InvitationRow;
  clients: ClientRow;
  client_keys: ClientKeyRow;
  sessions: SessionRow;
  tickets: TicketRow;
  totp_secrets: TotpSecretRow;
  recovery_codes: RecoveryCodeRow;
  passkeys: PasskeyRow;
  challenges: ChallengeRow;
  identities: IdentityRow;
  files: FileRow;
  datasets: DatasetRow;
  jobs: JobRow;
  events: EventRow;
  audit_entries: AuditRow;
  audit_reads: AuditReadRow;
  idempotency_keys: IdempotencyRow;
}

interface WorkspaceRow {
  id: string;
  name: string;
  /** Whether every member may read every file. */
  shared_files: Generated<number>;
  /** Quotas; `null` where there is none. `max_requests` is a minute's. */
  max_bytes: number | null;
  max_files: number | null;
  max_rows: number | null;
  max_requests: number | null;
  /** JSON: what becomes of which sensitive kind, and kinds that were taught. */
  policy: Generated<string>;
  wrapped_key: Uint8Array;
  /** JSON: wrapped Fernet keys as base64, newest first. */
  wrapped_fernet_keys: string;
  created_at: number;
}

/** A stored user. */
export interface UserRow {
  id: string;
  username: string;
  /** Normalised, unique. */
  username_key: string;
  email: string;
  email_key: string;
  full_name: string;
  /** `null` for who signs in another way only. */
  password_hash: string | null;
  /** Whether they may make workspaces and set quotas. */
  operator: number;
  created_at: number;
  last_login_at: number | null;
}

interface MemberRow {
  workspace_id: string;
  user_id: string;
  role: string;
  may_reveal: number;
  active: number;
  joined_at: number;
}

/** A stored invitation. */
export interface InvitationRow {
  id: string;
  workspace_id: string;
  hash: string;
  /** The only address that may accept it, or `null`. */
  email: string | null;
  role: string;
  may_reveal: number;
  invited_by: string;
  created_at: number;
  expires_at: number;
  accepted_by: string | null;
  accepted_at: number | null;
}

/** A stored client. */
export interface ClientRow {
  id: string;
  workspace_id: string;
  name: string;
  role: string;
  /** JSON: list of scopes. */
  scopes: string;
  /** JSON: list of networks; empty for any. */
  networks: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

/** A stored key of a client. */
export interface ClientKeyRow {
  hash: string;
  client_id: string;
  /** The first characters, by which a person tells keys apart. */
  hint: string;
  created_at: number;
  expires_at: number | null;
}

/** A stored session, of a user or of a client. */
export interface SessionRow {
  id: string;
  workspace_id: string;
  /** Whose it is; `null` for a client's own. */
  user_id: string | null;
  /** The client whose it is, or through which the user logged in: it goes on by that client alone, and ends with it. */
  client_id: string | null;
  /** JSON: list of scopes; `null` for all that the role allows. */
  scopes: string | null;
  /** JSON: how its owner signed in (RFC 8176). */
  methods: string;
  address: string;
  user_agent: string;
  refresh_hash: string;
  previous_hash: string | null;
  /** When it was refreshed last. */
  rotated_at: number;
  /** When its owner last proved who they are. */
  confirmed_at: number;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
}

interface TicketRow {
  hash: string;
  workspace_id: string;
  session_id: string;
  file_id: string;
  expires_at: number;
}

interface TotpSecretRow {
  user_id: string;
  wrapped_secret: Uint8Array;
  /** `null` until the first code was given: not asked for before. */
  confirmed_at: number | null;
  /** The time step of the last code that was taken, which is taken once. */
  last_step: number;
  /** Wrong codes in a row. */
  failures: number;
  created_at: number;
}

interface RecoveryCodeRow {
  user_id: string;
  hash: string;
}

/** A stored passkey. */
export interface PasskeyRow {
  id: string;
  /** The credential's own id, as base64url. */
  credential: string;
  user_id: string;
  name: string;
  public_key: Uint8Array;
  counter: number;
  /** JSON: list of transports. */
  transports: string;
  created_at: number;
  last_used_at: number | null;
}

interface ChallengeRow {
  hash: string;
  kind: string;
  user_id: string | null;
  data: string;
  expires_at: number;
}

/** A stored identity at an OpenID provider. */
export interface IdentityRow {
  id: string;
  issuer: string;
  subject: string;
  user_id: string;
  created_at: number;
}

/** A stored file. */
export interface FileRow {
  id: string;
  workspace_id: string;
  /** A user or a client. */
  owner_id: string;
  filename: string;
  /** Lower-cased, for searching. */
  filename_key: string;
  file_type: string;
  media_type: string;
  size: number;
  sha256: string;
  status: string;
  phase: string;
  progress: number;
  error_code: string | null;
  error_detail: string | null;
  /** JSON: what the sender asked for. */
  options: string;
  wrapped_key: Uint8Array;
  row_count: number | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
}

/** A stored dataset. */
export interface DatasetRow {
  id: string;
  workspace_id: string;
  file_id: string;
  position: number;
  name: string;
  row_count: number;
  reject_count: number;
  /** JSON: column profiles. */
  columns: string;
  /** JSON: how it was read. */
  dialect: string;
  wrapped_key: Uint8Array;
  created_at: number;
}

interface JobRow {
  id: string;
  workspace_id: string;
  file_id: string;
  state: string;
  attempts: number;
  claimed_by: string | null;
  claimed_until: number | null;
  created_at: number;
  finished_at: number | null;
}

interface EventRow {
  id: Generated<number>;
  workspace_id: string;
  file_id: string;
  type: string;
  data: string;
  created_at: number;
}

/** A stored audit entry. */
export interface AuditRow {
  id: Generated<number>;
  workspace_id: string;
  /** From 1, without a gap in its workspace. */
  number: number;
  created_at: number;
  /** `user`, `client`, `nobody` (not signed in) or `system`. */
  actor_kind: string;
  actor_id: string | null;
  actor_name: string;
  address: string;
  action: string;
  target: string;
  /** JSON without values of rows. */
  detail: string;
  previous_hash: string;
  hash: string;
}

/** Which rows a plain read gave; an index over what the entry says itself. */
interface AuditReadRow {
  entry_id: number;
  dataset_id: string;
  first_row: number;
  last_row: number;
}

interface IdempotencyRow {
  workspace_id: string;
  actor_id: string;
  key: string;
  /** `null` while the first request is still running. */
  file_id: string | null;
  created_at: number;
}
