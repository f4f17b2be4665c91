import type { Readable } from 'node:stream';
import { setImmediate as others, setTimeout as pause } from 'node:timers/promises';
import type { Authenticate } from '../accounts/authenticate.ts';
import { allowInWorkspace, type FileAction, type WorkspaceAction } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';
import type { Files } from '../files/files.ts';

/** Who is connected for longer than a request, and how to tell them that they may not be any more. */
export interface AccessWatch {
  /** Whether the actor's session goes on and they may do this to the file, asked anew. */
  stillMay(actor: Actor, fileId: string, action?: FileAction): Promise<boolean>;
  /** Calls `lost` within a second of `stillMay` saying no; the caller ends the watching with what it gets. */
  watch(actor: Actor, fileId: string, lost: () => void, action?: FileAction): Disposable;
  /** `stream`, destroyed within a second of `stillMay` saying no: whoever receives it sees that it was broken off. */
  guard(stream: Readable, actor: Actor, fileId: string, action: FileAction): Readable;
  /** The same, as long as the actor may do this in their workspace. */
  guardInWorkspace(stream: Readable, actor: Actor, action: WorkspaceAction): Readable;
  /** To be asked before a connection is watched. @throws Problem `rate_limited` when the actor has as many as one may have. */
  refuseMore(actor: Actor): void;
}

interface Needs {
  files: Files;
  authenticate: Authenticate;
}

/** The database is asked and not the one who changed it, so that what another process has changed counts as well. */
const EVERY_MS = 400;
/** After so many the others' requests come in between: each takes some 0.1 ms. */
const AT_ONCE = 50;
/** Of one user or client, so that nobody takes all that the system lets the service have open. */
const MOST_EACH = 1000;

interface Watched {
  readonly actorId: string;
  stillMay(): Promise<boolean>;
  lost(): void;
}

/** A watch over all connections of this process; at rest while there are none. */
export function createAccessWatch({ files, authenticate }: Needs): AccessWatch {
  const watched = new Set<Watched>();
  const countOf = new Map<string, number>();
  let looking = false;

  async function look(): Promise<void> {
    looking = true;
    while (watched.size > 0) {
      await pause(EVERY_MS, undefined, { ref: false });
      let looked = 0;
      for (const one of [...watched]) {
        if (!(await one.stillMay()) && forget(one)) one.lost();
        if (++looked % AT_ONCE === 0) await others();
      }
    }
    looking = false;
  }

  function forget(one: Watched): boolean {
    if (!watched.delete(one)) return false;
    const left = countOf.get(one.actorId)! - 1;
    if (left > 0) countOf.set(one.actorId, left);
    else countOf.delete(one.actorId);
    return true;
  }

  function start(one: Watched): Disposable {
    watched.add(one);
    countOf.set(one.actorId, (countOf.get(one.actorId) ?? 0) + 1);
    if (!looking) void look();
    return { [Symbol.dispose]: () => void forget(one) };
  }

  async function holds(actor: Actor, rule: (now: Actor) => unknown): Promise<boolean> {
    try {
      await rule(await authenticate.bySession(actor.sessionId, actor.address));
      return true;
    } catch {
      return false;
    }
  }

  const stillMay: AccessWatch['stillMay'] = (actor, fileId, action = 'read') =>
    holds(actor, (now) => files.get(now, fileId, action));

  const watch: AccessWatch['watch'] = (actor, fileId, lost, action) =>
    start({ actorId: actor.id, stillMay: () => stillMay(actor, fileId, action), lost });

  return {
    stillMay,
    watch,
    guard: (stream, actor, fileId, action) =>
      untilClosed(
        stream,
        watch(actor, fileId, () => stream.destroy(), action),
      ),
    guardInWorkspace(stream, actor, action) {
      const stillMay = () => holds(actor, (now) => allowInWorkspace(now, action));
      return untilClosed(stream, start({ actorId: actor.id, stillMay, lost: () => void stream.destroy() }));
    },
    refuseMore({ id }) {
      if ((countOf.get(id) ?? 0) < MOST_EACH) return;
      const detail = `You have ${MOST_EACH} sockets, event streams, downloads and exports open. Close some first.`;
      throw new Problem('rate_limited', detail, { extra: { retry_after: 10 } });
    },
  };
}

function untilClosed(stream: Readable, watching: Disposable): Readable {
  return stream.once('close', () => watching[Symbol.dispose]());
}
