import type { RootKeys } from '../backends/keys/keys.ts';
import type { KeyContext } from '../core/key-context.ts';
import { LruMap } from '../core/lru.ts';
import { newKey } from '../seal/envelope.ts';
import {
  openWorkspaceKeys,
  type StoredWorkspaceKeys,
  storeNewFernetKey,
  type WorkspaceKeys,
} from './workspace-keys.ts';

/**
 * The key hierarchy: the root wraps a key for each workspace, which wraps a key for each file and dataset and the
 * workspace's Fernet keys. Wrapped keys are stored by the caller; deleting one shreds what is encrypted under it.
 */
export interface Keys {
  /** Keys for a new workspace, to be stored with it. */
  newWorkspace(workspaceId: string): Promise<StoredWorkspaceKeys>;
  /**
   * The open keys of a workspace, from memory if it was opened before.
   * @throws Problem `key_invalid`, naming the setting to mend; `data_corrupt`.
   */
  openWorkspace(workspaceId: string): Promise<WorkspaceKeys>;
  /**
   * The workspace's key under the current root, to be stored in place of the old one; `null` when it already is. The
   * keys below it stay as they are.
   */
  rewrapWorkspace(workspaceId: string): Promise<Uint8Array | null>;
  /** Drops a workspace's keys from memory: to be called when its stored keys have changed or are gone. */
  forget(workspaceId: string): void;
}

interface Needs {
  readonly root: RootKeys;
  /** Reads what is stored for a workspace. @throws Problem when there is no such workspace. */
  readonly load: (workspaceId: string) => Promise<StoredWorkspaceKeys>;
  /** How many workspaces are kept open; the one that was not used for longest is dropped. Default 1,000. */
  readonly kept?: number;
}

/** The key hierarchy below `root`. */
export function createKeys({ root, load, kept = 1000 }: Needs): Keys {
  const opened = new LruMap<string, Promise<WorkspaceKeys>>(kept);

  async function open(workspaceId: string): Promise<WorkspaceKeys> {
    const stored = await load(workspaceId);
    return openWorkspaceKeys(workspaceId, await root.unwrap(stored.wrappedKey, contextOf(workspaceId)), stored);
  }

  return {
    async newWorkspace(workspaceId) {
      const key = newKey();
      const wrappedKey = await root.wrap(key, contextOf(workspaceId));
      return { wrappedKey, wrappedFernetKeys: [storeNewFernetKey(workspaceId, key)] };
    },

    async openWorkspace(workspaceId) {
      const keys = opened.get(workspaceId) ?? open(workspaceId);
      opened.set(workspaceId, keys);
      try {
        return await keys;
      } catch (error) {
        // Two may wait for the same failure; the second must not drop what a third has opened since.
        if (opened.get(workspaceId) === keys) opened.delete(workspaceId);
        throw error;
      }
    },

    async rewrapWorkspace(workspaceId) {
      const { wrappedKey } = await load(workspaceId);
      if (root.isCurrent(wrappedKey)) return null;
      const context = contextOf(workspaceId);
      return root.wrap(await root.unwrap(wrappedKey, context), context);
    },

    forget(workspaceId) {
      opened.delete(workspaceId);
    },
  };
}

const contextOf = (workspaceId: string): KeyContext => ({ kind: 'workspace', workspace: workspaceId, id: workspaceId });
