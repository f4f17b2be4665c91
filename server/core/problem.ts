/**
 * Every error that Intakt shows to anyone: a stable code, its HTTP status and a title that never change, and a
 * `detail` written for the case at hand. `docs/errors.md` is generated from this table.
 */
const PROBLEMS = {
  // requests
  invalid_request: [400, 'The request is not valid'],
  unauthorized: [401, 'A valid bearer token is needed'],
  token_expired: [401, 'The access token has expired'],
  invalid_credentials: [401, 'Username or password is wrong'],
  refresh_token_invalid: [401, 'The refresh token is not valid'],
  ticket_invalid: [401, 'The ticket is not valid'],
  client_key_invalid: [401, 'The client key is not valid'],
  invitation_invalid: [401, 'The invitation is not valid'],
  setup_token_invalid: [401, 'The set-up token is not valid'],
  second_factor_required: [401, 'A second factor is needed'],
  second_factor_invalid: [401, 'The second factor is not valid'],
  passkey_invalid: [401, 'The passkey is not valid'],
  identity_refused: [401, 'The OpenID provider did not say who you are'],
  forbidden: [403, 'This is not allowed'],
  insufficient_scope: [403, 'The scope does not allow this'],
  confirmation_required: [403, 'Confirm who you are first'],
  registration_closed: [403, 'Registration is not open'],
  reveal_not_allowed: [403, 'Revealing sealed values is not allowed'],
  not_found: [404, 'There is nothing here'],
  file_not_found: [404, 'The file does not exist'],
  dataset_not_found: [404, 'The dataset does not exist'],
  user_not_found: [404, 'The user does not exist'],
  workspace_not_found: [404, 'The workspace does not exist'],
  session_not_found: [404, 'The session does not exist'],
  invitation_not_found: [404, 'The invitation does not exist'],
  client_not_found: [404, 'The client does not exist'],
  second_factor_not_found: [404, 'There is no second factor'],
  passkey_not_found: [404, 'The passkey does not exist'],
  identity_not_found: [404, 'The identity is not linked'],
  method_not_allowed: [405, 'This method is not offered here'],
  not_acceptable: [406, 'None of the accepted media types is offered'],
  request_timeout: [408, 'The request took too long to arrive'],
  username_taken: [409, 'The username is taken'],
  email_taken: [409, 'The e-mail address is taken'],
  second_factor_exists: [409, 'The second factor is on already'],
  identity_taken: [409, 'The identity is linked to another user'],
  last_way_in: [409, 'A user needs a way to log in'],
  file_not_failed: [409, 'The file has not failed'],
  idempotency_in_progress: [409, 'A request with this Idempotency-Key is still running'],
  workspace_in_use: [409, 'The workspace is in use'],
  last_admin: [409, 'A workspace needs an administrator'],
  precondition_failed: [412, 'The condition of the request does not hold'],
  quota_exceeded: [413, 'The quota of the workspace is used up'],
  payload_too_large: [413, 'The request is too large'],
  file_too_large: [413, 'The file is too large'],
  page_too_large: [413, 'The page is too large'],
  unsupported_format: [415, 'This kind of file is not supported'],
  unsupported_media_type: [415, 'This media type is not supported'],
  range_not_satisfiable: [416, 'The range is outside the file'],
  idempotency_mismatch: [422, 'The Idempotency-Key was used for another request'],
  weak_password: [422, 'The password is too weak'],
  upgrade_required: [426, 'This is spoken over another protocol'],
  rate_limited: [429, 'Too many requests'],
  headers_too_large: [431, 'The headers of the request are too large'],
  internal: [500, 'Something went wrong on our side'],
  storage_failed: [503, 'The storage could not take or give the data'],
  unavailable: [503, 'The service cannot answer now'],
  // why a file failed
  not_a_table: [422, 'The file holds no table'],
  content_mismatch: [422, 'The content is not what the name says'],
  encoding_invalid: [422, 'The text encoding could not be read'],
  quote_unterminated: [422, 'A quoted cell never ends'],
  cell_too_large: [422, 'A cell is too large'],
  too_many_columns: [422, 'The table has too many columns'],
  too_many_rows: [422, 'The table has too many rows'],
  too_many_cells: [422, 'The file has too many cells'],
  unpacked_too_large: [422, 'The file unpacks to too much data'],
  json_invalid: [422, 'The JSON is not valid'],
  json_too_deep: [422, 'The JSON is nested too deep'],
  xml_invalid: [422, 'The XML is not valid'],
  parquet_corrupt: [422, 'The Parquet file is damaged'],
  parquet_encrypted: [422, 'The Parquet file is encrypted'],
  archive_corrupt: [422, 'The archive is damaged'],
  archive_encrypted: [422, 'The archive needs a password'],
  workbook_corrupt: [422, 'The workbook is damaged'],
  workbook_encrypted: [422, 'The workbook needs a password'],
  password_wrong: [422, 'The password is wrong'],
  pdf_corrupt: [422, 'The PDF is damaged'],
  pdf_encrypted: [422, 'The PDF needs a password'],
  pdf_scanned: [422, 'The PDF holds pictures of text only'],
  too_many_pages: [422, 'The document has too many pages'],
  column_unknown: [422, 'A named column does not exist in the file'],
  parse_timeout: [422, 'Parsing took too long'],
  parse_memory: [422, 'Parsing took too much memory'],
  parser_died: [500, 'The parser stopped unexpectedly'],
  cancelled: [409, 'The job was cancelled'],
  // stored data
  data_corrupt: [500, 'Stored data is damaged or was tampered with'],
  key_invalid: [500, 'A key is not valid'],
  token_invalid: [422, 'A sealed value cannot be opened'],
  config_invalid: [500, 'A setting is not valid'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** The stable codes of all problems. */
export type ProblemCode = keyof typeof PROBLEMS;

/** All codes with their HTTP status and title, in the order of the documentation. */
export const problemTable: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = PROBLEMS;

/**
 * An error with a stable code, thrown by every layer and turned into `application/problem+json` (RFC 9457) at the edge.
 *
 * `detail` says what happened, to which thing, and what to do; it never holds a value of a user's row. `extra` adds
 * members to the problem document (for example `retry_after`). Anything thrown that is no `Problem` becomes
 * `internal`, is logged, and tells the caller nothing.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, options: { cause?: unknown; extra?: Record<string, unknown> } = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    [this.status, this.title] = PROBLEMS[code];
    this.code = code;
    this.detail = detail;
    this.extra = options.extra ?? {};
  }
}

/** The `Problem` that `error` is, or `internal` with `error` as its cause. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('internal', 'The request failed. It was logged; try again, and report it if it happens again.', {
    cause: error,
  });
}
