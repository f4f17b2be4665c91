import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder, writeDataset } from '../../test/helpers/dataset.ts';
import { openCiphered } from './cipher.ts';
import { createDatasets } from './query.ts';

const ENDLESS = 'with recursive endless(x) as (select 1 union all select x + 1 from endless)';
const table = { names: ['name'], rows: [['Asha'], ['Ravi']] };

/** What a process that was taken over could do: it has the key and writes the file it likes. */
for (const [what, sql] of [
  [
    'a view in place of the rows',
    `drop table rows; create view rows as ${ENDLESS} select x as n, x as c0 from endless`,
  ],
  [
    'a view in place of what is known',
    `drop table meta; create view meta as ${ENDLESS} select x as key, x as value from endless`,
  ],
  ['a further table', 'create table more (x)'],
  ['a trigger', 'create trigger surprise after insert on rows begin select 1; end'],
  ['an index', 'create index quick on rows (c0)'],
  [
    'another table of the same name',
    'drop table rejects; create table rejects (id integer primary key, row generated always as (1))',
  ],
] as const) {
  test(`a dataset file with ${what} is refused before anything of it is read`, async (t) => {
    const ref = writeDataset(temporaryFolder(t), table);
    const db = openCiphered(ref.path, ref.key, { readonly: false });
    db.exec(sql);
    db.close();
    const datasets = createDatasets({ threads: 1, timeoutMs: 2000 });
    t.after(() => datasets.close());
    await assert.rejects(datasets.verify(ref), { code: 'data_corrupt' });
  });
}
