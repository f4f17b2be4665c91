import { setTimeout as pause } from 'node:timers/promises';

/** Who is connected for longer than a request, and how to tell them that they may not be any more. */
export interface AccessWatch {
  /** Calls `lost` within a second of `stillMay` saying no; the caller ends the watching with what it gets. */
  watch(stillMay: () => Promise<boolean>, lost: () => void): Disposable;
}

/** The database is asked and not the one who changed it, so that what another process has changed counts as well. */
const EVERY_MS = 400;

/** A watch over all connections of this process; at rest while there are none. */
export function createAccessWatch(): AccessWatch {
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

  return {
    watch(stillMay, lost) {
      const one = { stillMay, lost };
      watched.add(one);
      if (!looking) void look();
      return { [Symbol.dispose]: () => void watched.delete(one) };
    },
  };
}
