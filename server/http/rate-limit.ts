import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../accounts/throttle.ts';
import type { Limits } from '../backends/limits/limits.ts';
import type { Actor } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';

/** How many requests are taken. A limit of 0 is none; where there is none at all, there is nothing to wait for. */
export interface RateLimits {
  /** Counts a request of somebody who is not signed in, by address. @throws Problem `rate_limited`. */
  countAddress(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined;
  /** Counts a request of a user or client, and of their workspace. @throws Problem `rate_limited`. */
  countActor(route: { readonly transfer?: boolean }, reply: FastifyReply, actor: Actor): Promise<void> | undefined;
}

interface Needs {
  readonly limits: Limits;
  /** Requests a minute of one user or client, or of one address that is not signed in. */
  readonly requestsPerMinute: number;
  /** Uploads, downloads and exports a minute of one user or client: routes with `transfer` in their config. */
  readonly transfersPerMinute: number;
}

interface Policy {
  readonly name: string;
  readonly key: string;
  readonly max: number;
}

const WINDOW_MS = 60_000;
const counterOf = (key: string): string => `requests:${key}`;
const keyOfWorkspace = (workspaceId: string): string => `workspace:${workspaceId}`;

/** Where the requests of a workspace in this minute are counted, if it has a quota of them. */
export const workspaceCounter = (workspaceId: string): string => counterOf(keyOfWorkspace(workspaceId));

/** Limits on requests, counted in `limits` and told in each answer's `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers). */
export function createRateLimits({ limits, requestsPerMinute, transfersPerMinute }: Needs): RateLimits {
  async function count(reply: FastifyReply, policies: readonly Policy[]): Promise<void> {
    let least: { policy: Policy; left: number; seconds: number } | undefined;
    for (const policy of policies) {
      const { count, leftMs } = await limits.add(counterOf(policy.key), WINDOW_MS);
      const left = policy.max - count;
      if (!least || left < least.left) least = { policy, left, seconds: Math.max(1, Math.ceil(leftMs / 1000)) };
    }
    if (!least) return;
    const { policy, left, seconds } = least;
    tell(reply, policy, Math.max(0, left), seconds);
    if (left >= 0) return;
    throw new Problem(
      'rate_limited',
      `More than ${policy.max} requests a minute (limit "${policy.name}"). Try again in ${seconds} s.`,
      { extra: { retry_after: seconds } },
    );
  }

  return {
    countAddress({ ip }, reply) {
      if (requestsPerMinute === 0) return undefined;
      return count(reply, [{ name: 'address', key: `address:${networkOf(ip)}`, max: requestsPerMinute }]);
    },

    countActor({ transfer }, reply, { kind, id, workspaceId, maxRequests }) {
      const policies: Policy[] = [];
      const add = (name: string, key: string, max: number | null) => max && policies.push({ name, key, max });
      add(kind, `actor:${id}`, requestsPerMinute);
      add('workspace', keyOfWorkspace(workspaceId), maxRequests);
      if (transfer) add('transfer', `transfer:${id}`, transfersPerMinute);
      return policies.length > 0 ? count(reply, policies) : undefined;
    },
  };
}

/** Both forms: that of the newest drafts, and the three fields of those before, which most clients read. */
function tell(reply: FastifyReply, { name, max }: Policy, left: number, seconds: number): void {
  reply
    .header('ratelimit-policy', `"${name}";q=${max};w=${WINDOW_MS / 1000}`)
    .header('ratelimit', `"${name}";r=${left};t=${seconds}`)
    .header('ratelimit-limit', max)
    .header('ratelimit-remaining', left)
    .header('ratelimit-reset', seconds);
}
