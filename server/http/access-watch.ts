import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Authenticate } from '../accounts/authenticate.ts';
import type { FileAction } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import type { Files } from '../files/files.ts';

/** Who is connected for longer than a request, and how to tell them that they may not be any more. */
export interface AccessWatch {
  /** Whether the actor's session goes on and they may do this to the file, asked anew. */
  stillMay(actor: Actor, fileId: string, action?: FileAction): Promise<boolean>;
  /** Calls `lost` within a second of `stillMay` saying no; the caller ends the watching with what it gets. */
  watch(actor: Actor, fileId: string, lost: () => void, action?: FileAction): Disposable;
  /** `stream`, destroyed within a second of `stillMay` saying no: whoever receives it sees that it was broken off. */
  guard(stream: Readable, actor: Actor, fileId: string, action: FileAction): Readable;
}

interface Needs {
  files: Files;
  authenticate: Authenticate;
}

/** The database is asked and not the one who changed it, so that what another process has changed counts as well. */
const EVERY_MS = 400;

/** A watch over all connections of this process; at rest while there are none. */
export function createAccessWatch({ files, authenticate }: Needs): AccessWatch {
  const watched = new Set<{ stillMay: () => Promise<boolean>; lost: () => void }>();
  let looking = false;

  async function look(): Promise<void> {
    looking = true;
    while (watched.size > 0) {
      await pause(EVERY_MS, undefined, { ref: false });
      for (const one of [...watched]) {
        if (!(await one.stillMay()) && watched.delete(one)) one.lost();
      }
    }
    looking = false;
  }

  async function stillMay(actor: Actor, fileId: string, action: FileAction = 'read'): Promise<boolean> {
    try {
      await files.get(await authenticate.bySession(actor.sessionId, actor.address), fileId, action);
      return true;
    } catch {
      return false;
    }
  }

  function watch(actor: Actor, fileId: string, lost: () => void, action?: FileAction): Disposable {
    const one = { stillMay: () => stillMay(actor, fileId, action), lost };
    watched.add(one);
    if (!looking) void look();
    return { [Symbol.dispose]: () => void watched.delete(one) };
  }

  return {
    stillMay,
    watch,
    guard(stream, actor, fileId, action) {
      const watching = watch(actor, fileId, () => stream.destroy(), action);
      return stream.once('close', () => watching[Symbol.dispose]());
    },
  };
}
