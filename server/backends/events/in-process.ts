import type { EventBus, FileEvent } from './events.ts';

/** Events within one process. */
export function createInProcessEvents(): EventBus {
  const listeners = new Map<string, Set<(event: FileEvent) => void>>();
  return {
    publish(event) {
      for (const listener of listeners.get(event.fileId) ?? []) listener(event);
    },
    subscribe(fileId, listener) {
      const of = listeners.get(fileId) ?? new Set();
      listeners.set(fileId, of.add(listener));
      return () => {
        of.delete(listener);
        if (of.size === 0) listeners.delete(fileId);
      };
    },
    async close() {
      listeners.clear();
    },
  };
}
