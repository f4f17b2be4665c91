import type { Problem } from './schema.ts';

/**
 * What the service refused or could not do. `code` is stable (docs/errors.md); `detail` says what happened and what to
 * do. `status` is the HTTP status, and 0 with the code `unreachable` when there was no answer at all.
 */
export class IntaktError extends Error {
  override readonly name = 'IntaktError';
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** What the service said besides, such as the `challenge` of `second_factor_required`. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor({ code, status, title, detail, ...extra }: Omit<Problem, 'type' | 'instance'>, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.extra = extra;
  }
}

/** The error that an answer outside 2xx tells of, in the service's own words where it has them (RFC 9457). */
export async function errorOf(response: Response): Promise<IntaktError> {
  const { status, statusText } = response;
  const text = await response.text().catch(() => '');
  if (response.headers.get('content-type')?.includes('json')) {
    const problem = parse(text);
    if (problem?.code && problem.detail) return new IntaktError({ title: '', ...problem, status } as Problem);
  }
  const detail = `The server answered ${status} ${statusText}`.trim();
  const hint = 'and not as Intakt does. Check the URL, and what stands between here and the service.';
  return new IntaktError({ code: 'unexpected_answer', status, title: statusText, detail: `${detail}, ${hint}` });
}

/** The error for a request that got no answer. */
export function unreachable(url: string, cause: unknown): IntaktError {
  const detail = `There was no answer from ${url}. Check that the service runs there and can be reached.`;
  return new IntaktError({ code: 'unreachable', status: 0, title: 'No answer', detail }, { cause });
}

function parse(text: string): Partial<Problem> | null {
  try {
    return JSON.parse(text) as Partial<Problem> | null;
  } catch {
    return null;
  }
}
