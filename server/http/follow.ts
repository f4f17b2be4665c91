import type { EventBus, FileEvent } from '../backends/events/events.ts';
import type { Actor } from '../core/actor.ts';
import type { Files } from '../files/files.ts';
import type { AccessWatch } from './access-watch.ts';

/** Follows what happens to a file, for WebSocket and Server-Sent Events alike. */
export interface Follower {
  /**
   * The newest event or those in the log after `from`, and then what follows, until `signal` is aborted or the actor may
   * not read the file any more (`lost`): without a gap, in order, and no event twice.
   */
  follow(
    actor: Actor,
    fileId: string,
    from: 'newest' | number,
    signal: AbortSignal,
  ): AsyncGenerator<FileEvent, 'lost' | 'aborted'>;
  /** Calls `lost` within a second of the end of the actor's session or of their right to read the file. */
  watch(actor: Actor, fileId: string, lost: () => void): Disposable;
}

interface Needs {
  files: Files;
  events: EventBus;
  accesses: AccessWatch;
}

/** How many events are read from the log at once. */
export const PAGE = 500;

/** A follower of the event log and of the bus that tells of what is new in it. */
export function createFollower({ files, events, accesses }: Needs): Follower {
  async function* logged(actor: Actor, fileId: string, from: 'newest' | number): AsyncGenerator<FileEvent, void> {
    if (from === 'newest') return yield* await files.newestEvent(actor, fileId);
    let cursor = from;
    for (;;) {
      const page = await files.events(actor, fileId, cursor, PAGE);
      yield* page;
      if (page.length < PAGE) return;
      cursor = page.at(-1)!.id;
    }
  }

  return {
    watch: accesses.watch,
    async *follow(actor, fileId, from, signal) {
      // Heard before the log is read, so that nothing falls between the two.
      using heard = listen(events, fileId, signal);
      let cursor = 0;
      for await (const event of logged(actor, fileId, from)) {
        cursor = event.id;
        yield event;
      }
      for await (const event of heard.all()) {
        // An event of id 0 is in no log: the file is gone.
        if (event.id !== 0 && event.id <= cursor) continue;
        if (!(await accesses.stillMay(actor, fileId))) return 'lost';
        cursor = event.id;
        yield event;
      }
      return 'aborted';
    },
  };
}

/** A queue of what the bus tells of a file from now on. */
function listen(events: EventBus, fileId: string, signal: AbortSignal) {
  const queue: FileEvent[] = [];
  let wake = () => {};
  const unsubscribe = events.subscribe(fileId, (event) => {
    queue.push(event);
    wake();
  });
  const stop = () => wake();
  signal.addEventListener('abort', stop);
  return {
    async *all(): AsyncGenerator<FileEvent, void> {
      while (!signal.aborted) {
        const event = queue.shift();
        if (event) yield event;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (queue.length > 0 || signal.aborted) resolve();
          });
      }
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', stop);
      unsubscribe();
    },
  };
}
