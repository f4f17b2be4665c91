import type { Queryable } from '../backends/db/db.ts';
import { hashOf } from './chain.ts';
import { headOf, pagesOf, readsOf, toEntry } from './store.ts';

/** What came of verifying a workspace's entries. */
export interface Verdict {
  /** How many there are. */
  readonly entries: number;
  readonly intact: boolean;
  /** The id of the first entry that does not follow from its content and the entry before; `null` if all do. */
  readonly first_bad: number | null;
  /** The hash of the newest entry, to be kept elsewhere. Empty when there is none. */
  readonly head: string;
}

/** Verifies the entries that are there now, and that the index over the rows read says what they say. */
export async function verifyChain(db: Queryable, workspaceId: string): Promise<Verdict> {
  const { number: last, hash: head } = await headOf(db, workspaceId);
  let [entries, previous] = [0, ''];
  let firstBad: number | null = null;
  for await (const page of pagesOf(db, workspaceId, Number.MIN_SAFE_INTEGER, last)) {
    const indexed = await readsOf(db, page);
    for (const row of page) {
      entries++;
      const entry = toEntry(row);
      const follows = entry.entry_id === entries && entry.previous_hash === previous && hashOf(entry) === entry.hash;
      if (firstBad === null && !(follows && sameReads(entry.detail, indexed.get(row.id) ?? [])))
        firstBad = entry.entry_id;
      previous = entry.hash;
    }
  }
  return { entries, intact: firstBad === null, first_bad: firstBad, head };
}

function sameReads({ reads = [] }: Record<string, unknown>, indexed: readonly string[]): boolean {
  const told = (reads as { dataset_id: string; rows: [number, number][] }[]).flatMap(({ dataset_id: id, rows }) =>
    rows.map(([first, last]) => `${id} ${first} ${last}`),
  );
  return told.length === indexed.length && told.sort().join() === [...indexed].sort().join();
}
