/**
 * `source`, ended with the signal's reason as soon as it is aborted, even while `source` is silent. What `source` still
 * gives then is dropped.
 */
export async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let abort: (reason: unknown) => void = () => {};
  const onAbort = () => abort(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal.throwIfAborted();
      const step = await new Promise<IteratorResult<T>>((resolve, reject) => {
        abort = reject;
        iterator.next().then(resolve, reject);
      });
      if (step.done) return;
      yield step.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // A silent source answers `return` only once it speaks again, so nobody waits for it.
    void iterator.return?.().catch(() => {});
  }
}
