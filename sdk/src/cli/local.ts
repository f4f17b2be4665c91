import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** A user in a workspace, as the operator's commands tell of them. */
export interface LocalUser {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
  readonly workspace_id: string;
  readonly role: string;
  readonly may_reveal: boolean;
  readonly active: boolean;
  readonly operator: boolean;
}

/** What an act of the operator gave. */
export type LocalResult = { readonly items: readonly LocalUser[] } | { readonly link: string };

/** A refusal in the service's own words. */
export class LocalError extends Error {
  override readonly name = 'LocalError';
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Beside this package, as in a checkout and in the container. */
const OPERATOR = fileURLToPath(new URL('../../../server/operator.ts', import.meta.url));

/**
 * Runs an act of the operator in a process of the server's own code, on this machine and with this environment; `input` is
 * what it reads. @throws LocalError when the server is not installed here, or refuses.
 */
export async function runLocal(words: readonly string[], input: string): Promise<LocalResult> {
  if (!existsSync(OPERATOR)) {
    throw new LocalError(
      'no_server',
      'The service is not installed beside this command. Run it on the machine of the service, in its folder or container.',
    );
  }
  const child = spawn(process.execPath, [OPERATOR, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  // It may end before it has read.
  child.stdin.on('error', () => {}).end(`${input}\n`);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code === 0) return JSON.parse(out) as LocalResult;
  const problem = parse(err.trimEnd().split('\n').at(-1) ?? '');
  throw new LocalError(
    problem?.code ?? 'failed',
    problem?.detail ?? `The server's command ended with ${code}.\n${err}`,
  );
}

function parse(line: string): { code: string; detail: string } | null {
  try {
    return JSON.parse(line) as { code: string; detail: string };
  } catch {
    return null;
  }
}
