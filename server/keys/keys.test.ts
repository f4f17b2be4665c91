import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalRootKeys } from '../backends/keys/local.ts';
import { Problem } from '../core/problem.ts';
import { newKey } from '../seal/envelope.ts';
import { createKeys } from './keys.ts';
import type { StoredWorkspaceKeys } from './workspace-keys.ts';

/** Keys over a table in memory that counts how often it is read. */
function setUp(roots = [newKey()], kept = 1000) {
  const stored = new Map<string, StoredWorkspaceKeys>();
  const loads: string[] = [];
  const load = async (id: string) => {
    loads.push(id);
    const found = stored.get(id);
    if (!found) throw new Problem('not_found', `There is no workspace ${id}.`);
    return found;
  };
  const withRoots = (keys: Uint8Array[]) => createKeys({ root: createLocalRootKeys(keys), load, kept });
  return { stored, loads, withRoots, keys: withRoots(roots) };
}

test('file and dataset keys come back from their wrapped form', async () => {
  const { stored, keys } = setUp();
  stored.set('w1', await keys.newWorkspace('w1'));
  const workspace = await keys.openWorkspace('w1');
  const file = workspace.newFileKey('f1');
  const { wrapped, ...dataset } = workspace.newDatasetKey('d1');
  keys.forget('w1');
  const again = await keys.openWorkspace('w1');
  assert.deepEqual(again.openFileKey('f1', file.wrapped), file.key);
  assert.deepEqual(again.openDatasetKey('d1', wrapped), dataset);
  assert.notDeepEqual(dataset.rowsKey, dataset.blindIndexKey);
});

test('a wrapped key opens neither for another id nor kind nor workspace', async () => {
  const { stored, keys } = setUp();
  for (const id of ['w1', 'w2']) stored.set(id, await keys.newWorkspace(id));
  const [one, two] = [await keys.openWorkspace('w1'), await keys.openWorkspace('w2')];
  const { wrapped } = one.newFileKey('f1');
  assert.throws(() => one.openFileKey('f2', wrapped), { code: 'data_corrupt' });
  assert.throws(() => one.openDatasetKey('f1', wrapped), { code: 'data_corrupt' });
  assert.throws(() => two.openFileKey('f1', wrapped), { code: 'key_invalid' });
});

test('the stored keys of one workspace do not open as those of another', async () => {
  const { stored, keys } = setUp();
  stored.set('w2', await keys.newWorkspace('w1'));
  await assert.rejects(keys.openWorkspace('w2'), { code: 'data_corrupt' });
});

test('a further Fernet key comes first once it is stored, and the earlier ones stay', async () => {
  const { stored, keys } = setUp();
  const first = await keys.newWorkspace('w1');
  stored.set('w1', first);
  const workspace = await keys.openWorkspace('w1');
  const wrappedFernetKeys = [workspace.newFernetKey(), ...first.wrappedFernetKeys];
  stored.set('w1', { ...first, wrappedFernetKeys });
  keys.forget('w1');
  const { fernetKeys } = await keys.openWorkspace('w1');
  assert.equal(fernetKeys.length, 2);
  assert.deepEqual(fernetKeys[1], workspace.fernetKeys[0]);
  assert.notDeepEqual(fernetKeys[0], fernetKeys[1]);
  assert.equal(fernetKeys[0]!.length, 32);
});

test('after a rotation of the root a workspace is rewrapped once, and everything below it still opens', async () => {
  const [older, newer] = [newKey(), newKey()];
  const { stored, keys, withRoots } = setUp([older]);
  stored.set('w1', await keys.newWorkspace('w1'));
  const before = await keys.openWorkspace('w1');
  const { key, wrapped } = before.newFileKey('f1');
  const wrappedKey = await withRoots([newer, older]).rewrapWorkspace('w1');
  assert.ok(wrappedKey);
  stored.set('w1', { ...stored.get('w1')!, wrappedKey });
  const after = withRoots([newer]);
  assert.equal(await after.rewrapWorkspace('w1'), null);
  const workspace = await after.openWorkspace('w1');
  assert.deepEqual(workspace.openFileKey('f1', wrapped), key);
  assert.deepEqual(workspace.fernetKeys, before.fernetKeys);
});

test('an open workspace is read from memory until it is forgotten', async () => {
  const { stored, loads, keys } = setUp();
  stored.set('w1', await keys.newWorkspace('w1'));
  await Promise.all([keys.openWorkspace('w1'), keys.openWorkspace('w1')]);
  await keys.openWorkspace('w1');
  assert.deepEqual(loads, ['w1']);
  keys.forget('w1');
  await keys.openWorkspace('w1');
  assert.deepEqual(loads, ['w1', 'w1']);
});

test('the workspace that was not used for longest is dropped from memory', async () => {
  const { stored, loads, keys } = setUp([newKey()], 2);
  for (const id of ['w1', 'w2', 'w3']) stored.set(id, await keys.newWorkspace(id));
  for (const id of ['w1', 'w2', 'w1', 'w3', 'w1', 'w2']) await keys.openWorkspace(id);
  assert.deepEqual(loads, ['w1', 'w2', 'w3', 'w2']);
});

test('a workspace that could not be opened is tried anew', async () => {
  const { stored, keys } = setUp();
  await assert.rejects(keys.openWorkspace('w1'), { code: 'not_found' });
  stored.set('w1', await keys.newWorkspace('w1'));
  assert.equal((await keys.openWorkspace('w1')).fernetKeys.length, 1);
});
