/** The start of a stream, and the whole of it again. */
export interface Peeked {
  /** Its first bytes, as many as were asked for, or all if it has fewer. */
  readonly head: Buffer;
  /** The stream from its start. To be read once; ending the reading early ends the stream. */
  readonly content: AsyncIterable<Uint8Array>;
  /** Ends the stream if it will not be read. */
  close(): Promise<void>;
}

/** Takes the first `bytes` of a stream whose chunks may be kept. @throws whatever `stream` throws. */
export async function peek(stream: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> {
  const iterator = stream[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  for (let size = 0; size < bytes; ) {
    const next = await iterator.next();
    if (next.done) break;
    taken.push(next.value);
    size += next.value.length;
  }
  async function* content(): AsyncGenerator<Uint8Array> {
    yield* taken;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return {
    head: Buffer.concat(taken).subarray(0, bytes),
    content: content(),
    close: async () => void (await iterator.return?.()),
  };
}
