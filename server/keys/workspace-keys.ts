import type { KeyContext, KeyKind } from '../core/key-context.ts';
import { deriveKey, newKey, unwrapKey, wrapKey, wrappingKey } from '../seal/envelope.ts';

/** What is stored of a workspace's keys; all of it is encrypted. */
export interface StoredWorkspaceKeys {
  /** The workspace's key under the root. */
  readonly wrappedKey: Uint8Array;
  /** Its Fernet keys under the workspace's key, as base64, newest first. */
  readonly wrappedFernetKeys: readonly string[];
}

/** The subkeys of a dataset's data key. */
export interface DatasetKeys {
  /** Key of the SQLite cipher, for the dataset's rows. */
  readonly rowsKey: Uint8Array;
  /** Key from which the keys of blind indexes are derived, column by column. */
  readonly blindIndexKey: Uint8Array;
}

/**
 * The open keys of one workspace. Every key has 32 bytes and must not be changed. The `open` functions throw Problem
 * `key_invalid` or `data_corrupt` when the wrapped key is not of this workspace and this id.
 */
export interface WorkspaceKeys {
  /**
   * Keys that seal values, newest first: the first seals, all open. Random and apart from all other keys, so that
   * exporting them exposes the sealed values and nothing else.
   */
  readonly fernetKeys: readonly Uint8Array[];
  /** A further Fernet key, wrapped, to be stored before the others. */
  newFernetKey(): string;
  newFileKey(fileId: string): { key: Uint8Array; wrapped: Uint8Array };
  openFileKey(fileId: string, wrapped: Uint8Array): Uint8Array;
  newDatasetKey(datasetId: string): DatasetKeys & { wrapped: Uint8Array };
  openDatasetKey(datasetId: string, wrapped: Uint8Array): DatasetKeys;
}

/** Opens what is stored below a workspace's plain key. @throws Problem `key_invalid`, `data_corrupt`. */
export function openWorkspaceKeys(
  workspace: string,
  workspaceKey: Uint8Array,
  { wrappedFernetKeys }: Pick<StoredWorkspaceKeys, 'wrappedFernetKeys'>,
): WorkspaceKeys {
  const under = wrappingKey(workspaceKey);
  const make = (kind: KeyKind, id: string) => {
    const key = newKey();
    return { key, wrapped: wrapKey(under, key, { kind, workspace, id }) };
  };
  const open = (kind: KeyKind, id: string, wrapped: Uint8Array) => unwrapKey(under, wrapped, { kind, workspace, id });

  return {
    fernetKeys: wrappedFernetKeys.map((text) =>
      unwrapKey(under, Buffer.from(text, 'base64'), fernetContext(workspace)),
    ),
    newFernetKey: () => storeNewFernetKey(workspace, workspaceKey),
    newFileKey: (fileId) => make('file', fileId),
    openFileKey: (fileId, wrapped) => open('file', fileId, wrapped),
    newDatasetKey(datasetId) {
      const { key, wrapped } = make('dataset', datasetId);
      return { ...datasetKeys(key), wrapped };
    },
    openDatasetKey: (datasetId, wrapped) => datasetKeys(open('dataset', datasetId, wrapped)),
  };
}

/** A new random Fernet key under the workspace's plain key, as it is stored. */
export function storeNewFernetKey(workspace: string, workspaceKey: Uint8Array): string {
  const wrapped = wrapKey(wrappingKey(workspaceKey), newKey(), fernetContext(workspace));
  return Buffer.from(wrapped).toString('base64');
}

const datasetKeys = (key: Uint8Array): DatasetKeys => ({
  rowsKey: deriveKey(key, 'rows'),
  blindIndexKey: deriveKey(key, 'blind-index'),
});

const fernetContext = (workspace: string): KeyContext => ({ kind: 'fernet', workspace, id: workspace });
