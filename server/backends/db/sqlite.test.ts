import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { openSqliteDatabase } from './sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'intakt-db-'));
const key = Buffer.alloc(32, 7);
after(() => rmSync(folder, { recursive: true }));

const workspace = (id: string) => ({
  id,
  name: 'canary-workspace',
  wrapped_key: Buffer.from('k'),
  wrapped_fernet_keys: '[]',
  created_at: 1,
});

test('what a transaction wrote is there after reopening, and nothing of one that failed', async () => {
  const path = join(folder, 'a.db');
  const db = await openSqliteDatabase(path, key);
  await db.transaction((tx) => tx.insertInto('workspaces').values(workspace('one')).execute());
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.insertInto('workspaces').values(workspace('two')).execute();
      throw new Error('no');
    }),
    /no/,
  );
  await db.close();
  const again = await openSqliteDatabase(path, key);
  const rows = await again.query.selectFrom('workspaces').select('id').execute();
  assert.deepEqual(rows, [{ id: 'one' }]);
  await again.close();
});

test('the version is another one after each write, by another process too', async () => {
  const path = join(folder, 'version.db');
  const db = await openSqliteDatabase(path, key);
  const other = await openSqliteDatabase(path, key);
  const write = (to: typeof db, id: string) =>
    to.transaction((tx) => tx.insertInto('workspaces').values(workspace(id)).execute());
  let last = db.version();
  for (let i = 0; i < 50; i++) {
    await write(db, `own-${i}`);
    assert.notEqual(db.version(), last, 'a write of its own is seen at once');
    last = db.version();
    await sleep(1);
    assert.equal(db.version(), last, 'and nothing where nothing was written');
  }
  for (let i = 0; i < 20; i++) {
    await write(other, `others-${i}`);
    await sleep(1);
    assert.notEqual(db.version(), last);
    last = db.version();
  }
  await Promise.all([db.close(), other.close()]);
});

test('a transaction that fails as it is committed is undone before the next one begins', async () => {
  const db = await openSqliteDatabase(join(folder, 'commit.db'), key);
  const orphan = { workspace_id: 'w', file_id: 'no such file', type: 't', data: '{}', created_at: 1 };
  const failing = (name: string) =>
    db.transaction(async (tx) => {
      await sql`pragma defer_foreign_keys=on`.execute(tx);
      await tx
        .insertInto('workspaces')
        .values(workspace(`not ${name}`))
        .execute();
      await tx.insertInto('events').values(orphan).execute();
    });
  const names = Array.from({ length: 20 }, (_, n) => `w${n}`);
  const outcomes = await Promise.allSettled(
    names.flatMap((name) => [
      failing(name),
      db.transaction((tx) => tx.insertInto('workspaces').values(workspace(name)).execute()),
    ]),
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    names.flatMap(() => ['rejected', 'fulfilled']),
  );
  const rows = await db.query.selectFrom('workspaces').select('id').execute();
  assert.deepEqual(rows.map(({ id }) => id).toSorted(), names.toSorted());
  await db.close();
});

test('many writers at once follow one another and every one is kept', async () => {
  const db = await openSqliteDatabase(join(folder, 'b.db'), key);
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      i % 2
        ? db.query
            .insertInto('workspaces')
            .values(workspace(`w${i}`))
            .execute()
        : db.transaction(async (tx) => {
            await tx
              .insertInto('workspaces')
              .values(workspace(`w${i}`))
              .execute();
            await tx.updateTable('workspaces').set({ name: 'changed' }).where('id', '=', `w${i}`).execute();
          }),
    ),
  );
  const { count } = await db.query
    .selectFrom('workspaces')
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  assert.equal(count, 50);
  await db.close();
});

test('a value that must be unique is refused and told apart from other errors', async () => {
  const db = await openSqliteDatabase(join(folder, 'c.db'), key);
  await db.query.insertInto('workspaces').values(workspace('one')).execute();
  const error = await db.query
    .insertInto('workspaces')
    .values(workspace('one'))
    .execute()
    .then(
      () => null,
      (e: unknown) => e,
    );
  assert.equal(db.isUniqueViolation(error), true);
  assert.equal(db.isUniqueViolation(new Error('other')), false);
  await db.close();
});

test('another key does not open it, and no plain text stands in any of its files', async () => {
  const path = join(folder, 'd.db');
  const db = await openSqliteDatabase(path, key);
  await db.query.insertInto('workspaces').values(workspace('one')).execute();
  for (const file of readdirSync(folder))
    assert.equal(readFileSync(join(folder, file)).includes('canary-workspace'), false, file);
  await db.close();
  await assert.rejects(openSqliteDatabase(path, Buffer.alloc(32, 8)), { code: 'key_invalid' });
});
