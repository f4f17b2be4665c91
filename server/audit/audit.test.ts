import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { tamper, tamperings } from '../../test/helpers/tamper.ts';
import { openSqliteDatabase } from '../backends/db/sqlite.ts';
import { type AuditBy, createAudit } from './audit.ts';
import { type AuditEntry, hashOf } from './chain.ts';
import { rangesOf } from './rows.ts';
import { toEntry } from './store.ts';
import { verifyChain } from './verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'intakt-audit-'));
const db = await openSqliteDatabase(join(folder, 'files.db'), randomBytes(32));
after(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});
const audit = createAudit(db, Date.now);
const COUNT = 7;

/** The log of a new workspace. */
async function newLog(): Promise<AuditEntry[]> {
  const workspaceId = randomUUID();
  const by: AuditBy = { workspaceId, actorKind: 'user', actorId: 'u1', actorName: 'Zoë "ॐ"', address: '::1' };
  for (let n = 1; n <= COUNT; n++) {
    const detail = { reason: n % 2 ? null : `reason ${n}`, columns: ['é', '10', '9'], nothing: undefined };
    await db.transaction((tx) => audit.appendAs(tx, by, 'dataset.reveal', `dataset:${n}`, detail));
  }
  const rows = await db.query.selectFrom('audit_entries').selectAll().where('workspace_id', '=', workspaceId).execute();
  return rows.map(toEntry);
}

/** Puts a log in the place of what there is of its workspace, as someone with the database and its key can. */
async function store(entries: readonly AuditEntry[]): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.deleteFrom('audit_entries').where('workspace_id', '=', entries[0]!.workspace_id).execute();
    for (const { entry_id: number, at, actor, detail, ...entry } of entries) {
      const stored = { number, created_at: Date.parse(at), actor_name: actor, detail: JSON.stringify(detail) };
      await tx
        .insertInto('audit_entries')
        .values({ ...entry, ...stored })
        .execute();
    }
  });
}

test('a log that nobody touched holds, and its head is the newest hash', async () => {
  const log = await newLog();
  const verdict = await verifyChain(db.query, log[0]!.workspace_id);
  assert.deepEqual(verdict, { entries: COUNT, intact: true, first_bad: null, head: log.at(-1)!.hash });
});

test('an entry that cannot be read any more is found as one that was changed', async () => {
  for (const change of [{ detail: '{' }, { detail: 'null' }, { detail: '{"reads":1}' }, { created_at: 1e300 }]) {
    const log = await newLog();
    const workspaceId = log[0]!.workspace_id;
    const third = db.query.updateTable('audit_entries').where('workspace_id', '=', workspaceId).where('number', '=', 3);
    await third.set(change).execute();
    const verdict = await verifyChain(db.query, workspaceId);
    assert.deepEqual([verdict.entries, verdict.first_bad], [COUNT, 3], JSON.stringify(change));
  }
});

test('any entry that is changed, removed, put elsewhere or put in is found, also with a hash of its own', async () => {
  const log = await newLog();
  await fc.assert(
    fc.asyncProperty(tamperings(COUNT), async (tampering) => {
      const tampered = tamper(log, tampering, hashOf);
      fc.pre(tampered !== null);
      await store(tampered);
      const { intact, head } = await verifyChain(db.query, log[0]!.workspace_id);
      const newTail = tampering.how === 'change' && tampering.at === COUNT - 1 && tampering.rehash;
      // The newest, changed and hashed anew, is as good as another one: a head that was kept tells.
      if (newTail && intact) assert.ok(head !== log.at(-1)!.hash || tampering.field === 'hash');
      else assert.equal(intact, false);
    }),
    { numRuns: 150 },
  );
});

test('the index over the rows read is held to what the entries say', async () => {
  const workspaceId = randomUUID();
  const by: AuditBy = { workspaceId, actorKind: 'user', actorId: 'u1', actorName: 'asha', address: '::1' };
  const reads = [{ datasetId: 'd', rows: rangesOf([5, 1, 2, 3, 9]) }];
  for (let n = 0; n < 3; n++)
    await db.transaction((tx) => audit.appendAs(tx, by, 'dataset.reveal', 'dataset:d', { n }, reads));
  const read = (row: number) => audit.whoRead(workspaceId, { datasetId: 'd', rows: [[row, row]] }, 10);
  assert.deepEqual(
    await Promise.all([1, 3, 4, 5, 9, 10].map(async (row) => (await read(row)).length)),
    [3, 3, 0, 3, 3, 0],
  );
  assert.deepEqual((await read(5))[0]!.detail.reads, [
    {
      dataset_id: 'd',
      rows: [
        [1, 3],
        [5, 5],
        [9, 9],
      ],
    },
  ]);
  assert.equal((await verifyChain(db.query, workspaceId)).intact, true);
  await db.query.deleteFrom('audit_reads').where('dataset_id', '=', 'd').where('first_row', '=', 5).execute();
  assert.equal((await verifyChain(db.query, workspaceId)).first_bad, 1);
});

test('a log of many pages is verified, and other work goes on meanwhile', async () => {
  const workspaceId = randomUUID();
  const by: AuditBy = { workspaceId, actorKind: 'system', actorId: null, actorName: '', address: '' };
  await db.transaction(async (tx) => {
    for (let n = 0; n < 1100; n++) await audit.appendAs(tx, by, 'file.upload', `file:${n}`, { n });
  });
  let turns = 0;
  const counting = setInterval(() => turns++, 0);
  const { entries, intact } = await verifyChain(db.query, workspaceId);
  clearInterval(counting);
  assert.deepEqual([entries, intact], [1100, true]);
  assert.ok(turns > 0);
});
