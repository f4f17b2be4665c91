/**
 * Where an error came from, for a log: its name, its code if it has one, and its stack frames. Its message is left out,
 * because it could hold a value of a row.
 */
export function framesOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return [error.name, ...(typeof code === 'string' ? [code] : []), ...frames].join('\n');
}
