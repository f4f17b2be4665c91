const HOUR_MS = 3_600_000;

/**
 * Does the work now, which is waited for, and every hour from then on until it is disposed of; it keeps no process alive.
 * What fails goes to `onError` and is tried again an hour later.
 */
export async function hourly(work: () => Promise<void>, onError: (error: unknown) => void): Promise<AsyncDisposable> {
  const attempt = () => work().catch(onError);
  await attempt();
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(attempt);
  }, HOUR_MS).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await last;
    },
  };
}
