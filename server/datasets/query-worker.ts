import { parentPort, workerData } from 'node:worker_threads';
import { Problem, toProblem } from '../core/problem.ts';
import { createSealer } from '../seal/create.ts';
import type { Sealer } from '../seal/sealer.ts';
import { answers } from './answers.ts';
import { guarded } from './cipher.ts';
import { createHandles } from './handle.ts';
import type { Answer, Call } from './query-pool.ts';

/** A thread that reads dataset files. Started by `query-pool.ts`; SQLite blocks it, and nothing else. */
const handles = createHandles(workerData.maxOpen);
const port = parentPort!;

port.on('message', (call: Call) => port.postMessage(answer(call)));

function answer(call: Call): Answer {
  try {
    return { ok: true, result: call.type === 'forget' ? handles.forget(call.path) : ask(call) };
  } catch (error) {
    const { code, detail } = toProblem(error);
    return { ok: false, code, detail, ...(code === 'internal' && { stack: frames(error) }) };
  }
}

function ask({ ref, name, request, timeoutMs }: Extract<Call, { type: 'ask' }>): unknown {
  const { path, key, fernetKeys, blindIndexKey } = ref;
  const handle = handles.get(path, key);
  handle.deadline = Date.now() + timeoutMs;
  const keyring = { sealer: once(() => sealerFor(fernetKeys)), blindIndexKey };
  return guarded(() => (answers[name] as (...given: unknown[]) => unknown)(handle, request, keyring));
}

function sealerFor(fernetKeys: readonly Uint8Array[] | undefined): Sealer {
  if (fernetKeys) return createSealer(fernetKeys);
  throw new Problem('key_invalid', 'Plain values and the search of a sealed column need the Fernet keys.');
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Where an unexpected error came from; its message is left out, because it might hold a value. */
function frames(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.slice(Math.max(0, stack.indexOf('\n    at ')));
}
