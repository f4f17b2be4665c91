import type { Generated } from 'kysely';

/** The tables of the metadata database. Times are milliseconds since 1970; JSON is stored as text. */
export interface Schema {
  workspaces: WorkspaceRow;
  users: UserRow;
  members: MemberRow;
  sessions: SessionRow;
  tickets: TicketRow;
  files: FileRow;
  datasets: DatasetRow;
  jobs: JobRow;
  events: EventRow;
  audit_entries: AuditRow;
  idempotency_keys: IdempotencyRow;
}

interface WorkspaceRow {
  id: string;
  name: string;
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
  password_hash: string;
  active: number;
  created_at: number;
}

interface MemberRow {
  workspace_id: string;
  user_id: string;
  role: string;
  may_reveal: number;
}

interface SessionRow {
  id: string;
  workspace_id: string;
  user_id: string;
  refresh_hash: string;
  previous_hash: string | null;
  rotated_at: number;
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

/** A stored file. */
export interface FileRow {
  id: string;
  workspace_id: string;
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
  created_at: number;
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

interface IdempotencyRow {
  workspace_id: string;
  user_id: string;
  key: string;
  /** `null` while the first request is still running. */
  file_id: string | null;
  created_at: number;
}
