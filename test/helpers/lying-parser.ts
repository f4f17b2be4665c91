/**
 * A parser process that was taken over, for tests of the pool: it lies as the name of its task says. With `quiet` it behaves
 * as one that has read a file.
 */
const say = (message: object) => void process.send?.(message);
const progress = { type: 'progress', phase: 'parsing', done: 0.5, more: 'x'.repeat(1000) };
const LIES: Record<string, () => void> = {
  'starts again and again': () => void setInterval(() => say({ type: 'started' }), 200),
  'floods while it reads': flood,
  'is done twice': () => {
    say({ type: 'done', datasets: [] });
    setTimeout(() => say({ type: 'done', datasets: [] }), 100);
  },
  'floods when it is done': () => {
    say({ type: 'done', datasets: [] });
    setTimeout(flood, 100);
  },
  quiet: () => say({ type: 'done', datasets: [] }),
};

/** One after the other is taken, so that it is not its own memory that ends it. */
function flood(): void {
  process.send?.(progress, undefined, undefined, flood);
}

process.on('message', ({ task }: { task: { name: string } }) => LIES[task.name]?.());
say({ type: 'started' });
