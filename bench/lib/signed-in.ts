import { createClient } from '../../sdk/src/client.ts';
import { type Service, startService } from '../../test/helpers/service.ts';

const PASSWORD = 'a passphrase for benchmarks';

/** A service of its own on this machine, and a client that is signed in to it. Stop the service when done. */
export async function signedIn(env: Readonly<Record<string, string>> = {}) {
  const service: Service = await startService(env);
  const client = createClient({ url: service.url });
  await client.setUp(service.setupToken, { username: 'bench', email: 'bench@example.org', password: PASSWORD });
  await client.login('bench', PASSWORD);
  return { service, client, authorization: `Bearer ${client.tokens()!.access_token}` };
}

/** The value below which the share `p` (0–1) of the figures lies. */
export function percentile(figures: readonly number[], p: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!;
}
