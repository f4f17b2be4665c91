import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Tampering, tamper, tamperings } from '../../../test/helpers/tamper.ts';
import type { AuditEntry } from '../schema.ts';
import { hashOf, verifyLines } from './audit-chain.ts';

const COUNT = 8;

/** A log as the service exports it. */
const log: AuditEntry[] = [];
for (let n = 1; n <= COUNT; n++) {
  const entry = {
    entry_id: n,
    workspace_id: '8b1d2c1e-0000-4000-8000-000000000000',
    at: new Date(1_800_000_000_000 + n).toISOString(),
    actor_kind: n % 3 ? 'user' : 'nobody',
    actor_id: n % 3 ? `user-${n}` : null,
    actor: n % 3 ? 'Zoë "ॐ"' : '',
    address: '127.0.0.1',
    action: 'dataset.reveal',
    target: `dataset:${n}`,
    detail: { reason: null, reads: [{ dataset_id: 'd', rows: [[1, n]] }], columns: ['é', '10', '9'] },
    previous_hash: log.at(-1)?.hash ?? '',
    hash: '',
  };
  log.push({ ...entry, hash: hashOf(entry) });
}

const linesOf = (entries: readonly AuditEntry[]): string[] => entries.map((entry) => JSON.stringify(entry));

async function* each(lines: readonly string[]) {
  yield* lines;
}

const verify = (lines: readonly string[], kept = {}) => verifyLines(each(lines), kept);

/** The newest entry, changed and given its right hash, is as good as another one: only a kept head tells. */
const isNewTail = ({ how, at, rehash, ...more }: Tampering) =>
  how === 'change' &&
  at === COUNT - 1 &&
  rehash &&
  !['previous_hash', 'entry_id'].includes((more as { field: string }).field);

test('lines as the service wrote them hold, to the last', async () => {
  const { entries, head, bad } = await verify(linesOf(log));
  assert.deepEqual([entries, head, bad], [COUNT, log.at(-1)!.hash, null]);
});

test('any entry that is changed, removed, put elsewhere or put in is found, also with a hash of its own', async () => {
  await fc.assert(
    fc.asyncProperty(tamperings(COUNT), async (tampering) => {
      const tampered = tamper(log, tampering, hashOf);
      fc.pre(tampered !== null);
      const { bad, keptHeadFound } = await verify(linesOf(tampered), { head: log.at(-1)!.hash });
      if (isNewTail(tampering)) assert.equal(keptHeadFound, tampering.how === 'change' && tampering.field === 'hash');
      else assert.notEqual(bad, null);
    }),
    { numRuns: 500 },
  );
});

test('any byte of a line that is another is found', async () => {
  const text = linesOf(log).join('\n');
  await fc.assert(
    fc.asyncProperty(
      fc.nat(text.length - 1),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      async (at, by) => {
        const other = text.slice(0, at) + by + text.slice(at + 1);
        fc.pre(other !== text);
        assert.notEqual((await verify(other.split('\n'))).bad, null);
      },
    ),
    { numRuns: 500 },
  );
});

test('a member that stands in a line twice is found', async () => {
  const [first, ...rest] = linesOf(log);
  const { bad } = await verify([first!.replace('"address"', '"actor":"nobody","address"'), ...rest]);
  assert.equal(bad?.line, 1);
});

test('entries that are cut off the end, or a log that was written anew, are found by a head that was kept', async () => {
  const kept = { head: log.at(-1)!.hash };
  assert.equal((await verify(linesOf(log), kept)).keptHeadFound, true);
  assert.equal((await verify(linesOf(log.slice(0, -1)), kept)).keptHeadFound, false);
  let previous_hash = '';
  const anew = log.map((entry) => {
    const changed = { ...entry, actor: 'somebody else', previous_hash };
    previous_hash = hashOf(changed);
    return { ...changed, hash: previous_hash };
  });
  const { bad, keptHeadFound } = await verify(linesOf(anew), kept);
  assert.deepEqual([bad, keptHeadFound], [null, false]);
});

test('an export that goes on from an entry is verified from its hash', async () => {
  const rest = linesOf(log.slice(3));
  assert.equal((await verify(rest)).bad?.line, 1);
  assert.equal((await verify(rest, { continues: log[2]!.hash })).bad, null);
  assert.equal((await verify(rest, { continues: log[1]!.hash })).bad?.line, 1);
});
