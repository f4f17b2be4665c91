/**
 * How many rows come from which page, for the profile: `3:18 4-41:20 42:7` says that the first 18 rows stand on page 3,
 * the next 20 on page 4 and so on. `pages` is the page of each row, never falling.
 */
export function rowsPerPage(pages: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const page of pages) counts.set(page, (counts.get(page) ?? 0) + 1);
  const runs: { from: number; to: number; rows: number }[] = [];
  for (const [page, rows] of counts) {
    const run = runs.at(-1);
    if (run && run.to === page - 1 && run.rows === rows) run.to = page;
    else runs.push({ from: page, to: page, rows });
  }
  return runs.map(({ from, to, rows }) => `${from === to ? from : `${from}-${to}`}:${rows}`).join(' ');
}
