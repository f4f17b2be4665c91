import type { FastifyRequest } from 'fastify';
import type { EventBus } from '../backends/events/events.ts';
import type { Files } from '../files/files.ts';

const MOST_SECONDS = 60;

/** The seconds of a `Prefer: wait=SECONDS` header (RFC 7240, 4.3), at most 60; `null` where there is none. */
export function preferredWait(header: string | undefined): number | null {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? '')?.[1];
  return seconds === undefined ? null : Math.min(Number(seconds), MOST_SECONDS);
}

/** Resolves when the file is ready or has failed, when the time is over, or when the caller has gone. */
export async function untilOver(
  { actor, raw }: FastifyRequest,
  files: Files,
  events: EventBus,
  fileId: string,
  ms: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = events.subscribe(fileId, ({ data }) => isOver(data.status) && resolve());
  const timer = setTimeout(resolve, ms);
  // The request itself has closed already: its body was read.
  raw.socket.once('close', resolve);
  try {
    const { status } = await files.get(actor, fileId);
    if (!isOver(status)) await promise;
  } finally {
    raw.socket.off('close', resolve);
    clearTimeout(timer);
    unsubscribe();
  }
}

/** Whether nothing more will happen to a file of this status. */
export const isOver = (status: string): boolean => status === 'ready' || status === 'failed';
