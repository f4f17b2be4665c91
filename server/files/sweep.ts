import type { Blobs } from '../backends/blobs/blobs.ts';
import type { Database } from '../backends/db/db.ts';

/**
 * Removes what an earlier process left half done: staged files, blobs that belong to no file or dataset (an upload
 * that was never acknowledged, a dataset that was never published), and reserved idempotency keys. To be called
 * before anything is received or parsed, and never while another process uses the same store.
 */
export async function sweep({ query }: Database, blobs: Blobs): Promise<void> {
  // Whatever their time: the clock may have been set back, and a parser of a killed process may still be writing one.
  await blobs.sweepStaging(Number.POSITIVE_INFINITY);
  await query.deleteFrom('idempotency_keys').where('file_id', 'is', null).execute();
  for await (const id of blobs.list()) {
    const file = await query.selectFrom('files').select('id').where('id', '=', id).executeTakeFirst();
    const dataset = file ?? (await query.selectFrom('datasets').select('id').where('id', '=', id).executeTakeFirst());
    if (!dataset) await blobs.remove(id);
  }
}
