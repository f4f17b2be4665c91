import { toProblem } from '../core/problem.ts';
import { framesOf } from '../core/stack-frames.ts';
import { createNameFinder } from '../infer/names.ts';
import { loadCommonFormats } from '../parse/formats.ts';
import { keepCompiled } from './compiled.ts';
import { withoutIdentifiers } from './hidden-names.ts';
import { ingest } from './ingest.ts';
import type { DatasetPlace, FromParser, ToParser } from './protocol.ts';

/**
 * The program of a parser process: reads one file after another as it is told, with the keys it is handed and no
 * others. It is started by `parser-pool.ts` without the service's environment and may be killed at any moment.
 */
const say = (message: FromParser): void => void process.send?.(message);
const settle = () => keepCompiled(process.env.NODE_COMPILE_CACHE);
let givePlaces: ((places: readonly DatasetPlace[]) => void) | undefined;
/** Long enough for the file to come for which it was started: that one waits for its own reader alone. */
const IDLE_MS = 50;
const whenIdle = setTimeout(() => void loadCommonFormats().then(settle), IDLE_MS);

process.on('message', (message: ToParser) => {
  clearTimeout(whenIdle);
  settle();
  if (message.type === 'places') givePlaces?.(message.places);
  else void run(message.task);
});
process.on('disconnect', () => process.exit());
say({ type: 'started' });

async function run(task: Extract<ToParser, { type: 'parse' }>['task']): Promise<void> {
  try {
    const datasets = await ingest(task, { progress: createProgress(), places });
    say({ type: 'done', datasets });
  } catch (error) {
    const { code, detail: whole, cause } = toProblem(error);
    const detail = withoutIdentifiers(whole, createNameFinder(task.detection));
    say({ type: 'failed', code, detail, ...(code === 'internal' && { stack: framesOf(cause) }) });
  }
}

function places(count: number): Promise<readonly DatasetPlace[]> {
  const { promise, resolve } = Promise.withResolvers<readonly DatasetPlace[]>();
  givePlaces = resolve;
  say({ type: 'tables', count });
  return promise;
}

/** Tells of progress at most ten times a second. */
function createProgress() {
  let last = 0;
  return (phase: 'parsing' | 'sealing', done: number): void => {
    const now = performance.now();
    if (now - last < 100) return;
    last = now;
    say({ type: 'progress', phase, done });
  };
}
