import type { Blobs } from '../backends/blobs/blobs.ts';
import type { DatasetRow } from '../backends/db/schema.ts';
import type { Actor } from '../core/actor.ts';
import type { Keys } from '../keys/keys.ts';
import type { DatasetRef } from './query.ts';

interface Stored {
  readonly blobs: Blobs;
  readonly keys: Keys;
}

/** The file of a dataset with all keys to read and search it, for the calls of one actor; who may have what of it is not decided here. */
export async function refOf(
  { blobs, keys }: Stored,
  { id: caller }: Actor,
  { id, workspace_id, wrapped_key }: DatasetRow,
): Promise<Required<DatasetRef>> {
  const workspace = await keys.openWorkspace(workspace_id);
  const { rowsKey, blindIndexKey } = workspace.openDatasetKey(id, wrapped_key);
  return { path: await blobs.localPath(id), caller, key: rowsKey, blindIndexKey, fernetKeys: workspace.fernetKeys };
}
