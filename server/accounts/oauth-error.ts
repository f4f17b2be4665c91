import { Problem } from '../core/problem.ts';

/** The error codes of RFC 6749 (5.2, and 4.1.2.1 for what 5.2 has no word for) and RFC 6750 (3.1). */
export type OAuthCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'temporarily_unavailable'
  | 'server_error';

const STATUS: Readonly<Partial<Record<OAuthCode, number>>> = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
  temporarily_unavailable: 429,
  server_error: 500,
};

/** What an OAuth 2.0 client is refused with: a code it knows, and a sentence for its developer. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthCode;
  readonly status: number;
  readonly description: string;

  constructor(code: OAuthCode, description: string, options?: { cause?: unknown }) {
    super(`${code}: ${description}`, options);
    this.code = code;
    this.status = STATUS[code] ?? 400;
    // RFC 6749, 5.2: of these characters alone.
    this.description = description.replace(/["\\‘’]/g, "'").replace(/[^\x20-\x7e]/g, '?');
  }
}

const OF_PROBLEM: Readonly<Record<string, OAuthCode>> = {
  invalid_credentials: 'invalid_grant',
  refresh_token_invalid: 'invalid_grant',
  second_factor_required: 'invalid_grant',
  second_factor_invalid: 'invalid_grant',
  client_key_invalid: 'invalid_client',
  unauthorized: 'invalid_token',
  token_expired: 'invalid_token',
  insufficient_scope: 'insufficient_scope',
  forbidden: 'insufficient_scope',
  rate_limited: 'temporarily_unavailable',
};

/** The error in OAuth's words. What is our own fault tells nothing, and has what went wrong as its cause. */
export function toOAuthError(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  const problem = error instanceof Problem ? error : undefined;
  if (!problem || problem.status >= 500) {
    return new OAuthError('server_error', 'The request failed and was logged. Try again.', { cause: error });
  }
  return new OAuthError(OF_PROBLEM[problem.code] ?? 'invalid_request', problem.detail, { cause: error });
}
