import type { Queryable } from '../backends/db/db.ts';
import type { AuditRow } from '../backends/db/schema.ts';
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
      const isNext = Number(row.number) === entries && row.previous_hash === previous;
      if (firstBad === null && !(isNext && isWhole(row, indexed.get(row.id) ?? []))) firstBad = Number(row.number);
      previous = row.hash;
    }
  }
  return { entries, intact: firstBad === null, first_bad: firstBad, head };
}

/** Whether an entry is what its hash says, with the index over what it says was read. What cannot be read at all is not. */
function isWhole(row: Omit<AuditRow, 'id'>, indexed: readonly string[]): boolean {
  try {
    const entry = toEntry(row);
    return hashOf(entry) === entry.hash && sameReads(entry.detail, indexed);
  } catch {
    return false;
  }
}

function sameReads({ reads = [] }: Record<string, unknown>, indexed: readonly string[]): boolean {
  const told = (reads as { dataset_id: string; rows: [number, number][] }[]).flatMap(({ dataset_id: id, rows }) =>
    rows.map(([first, last]) => `${id} ${first} ${last}`),
  );
  return told.length === indexed.length && told.sort().join() === [...indexed].sort().join();
}
