import { createReadStream } from 'node:fs';
import type { AuditEntry } from '../../client.ts';
import { linesOf, verifyLines } from '../audit-chain.ts';
import { type Call, command, paging, toNumber, UsageError } from '../command.ts';
import { openClient } from '../credentials.ts';
import { table } from '../table.ts';

const options = {
  ...paging,
  action: {
    type: 'string',
    value: 'ACTION',
    help: 'Only this action, such as dataset.reveal; dataset. for all of it.',
  },
  target: { type: 'string', value: 'TARGET', help: 'Only this target, such as dataset:IDENTIFIER.' },
  actor: { type: 'string', value: 'ID', help: 'Only what this user or client did.' },
  address: { type: 'string', value: 'ADDRESS', help: 'Only what came from there.' },
  from: { type: 'string', value: 'TIME', help: 'Not before, such as 2030-01-31T00:00:00Z.' },
  to: { type: 'string', value: 'TIME', help: 'Before.' },
  csv: { type: 'boolean', help: 'export: write CSV in place of lines of JSON.' },
  after: { type: 'string', value: 'N', help: 'export: only entries after entry N.' },
  head: { type: 'string', value: 'HASH', help: 'verify: a hash that was kept; the entry with it must be there.' },
  continues: { type: 'string', value: 'HASH', help: 'verify: the hash of entry N, where the export was --after N.' },
  dataset: { type: 'string', value: 'ID', help: 'seen: the dataset that was read.' },
  row: { type: 'string', value: 'N', help: 'seen: the row; without it the value is asked for, and never shown.' },
} as const;

type AuditCall = Call<typeof options>;

/** `intakt audit` */
export const audit = command({
  summary: 'Show who did what, newest first; export and verify it; who has seen a row or a value. For administrators.',
  args: '[export|verify|seen] [FILE]',
  options,
  async run(call) {
    const [what = 'list', file] = call.args;
    if (file !== undefined && what !== 'verify') throw new UsageError(`"${file}" is one argument too many.`);
    if (what === 'list') return list(call);
    if (what === 'export') return exportAll(call);
    if (what === 'verify') return file === undefined ? verifyThere(call) : verifyHere(call, file);
    if (what === 'seen') return seen(call);
    throw new UsageError('Say export, verify or seen, or nothing for a list.');
  },
});

async function list({ options: given, io }: AuditCall): Promise<number> {
  const { limit, offset, actor: actor_id, action, target, address, from, to } = given;
  const page = { limit: toNumber('limit', limit) ?? 50, offset: toNumber('offset', offset) };
  const found = await (await openClient()).audit({ ...page, action, target, actor_id, address, from, to });
  await io.result(found, () => tableOf(found.items, io));
  if (found.total > found.items.length)
    io.note(`${found.items.length} of ${found.total}. See more with --limit and --offset.`);
  return 0;
}

async function exportAll({ options: { csv, after }, io }: AuditCall): Promise<number> {
  const format = csv ? 'csv' : 'ndjson';
  const content = await (await openClient()).exportAudit({ format, after: toNumber('after', after) });
  for await (const chunk of content) await io.write(chunk);
  return 0;
}

/** Needs no service, and believes none. */
async function verifyHere({ options: { head, continues }, io }: AuditCall, file: string): Promise<number> {
  const verdict = await verifyLines(linesOf(createReadStream(file)), { head, continues });
  const { entries, bad, keptHeadFound } = verdict;
  const lost = keptHeadFound === false && bad === null;
  await io.result(verdict, () => {
    if (bad) return `Line ${bad.line} is bad: ${bad.why}. The ${entries} before it hold.`;
    if (lost)
      return `${entries} entries hold, but none has the hash that was kept: newer ones are gone, or all is another log.`;
    return `${entries} entries hold. Head: ${verdict.head}`;
  });
  return bad || lost ? 1 : 0;
}

async function verifyThere({ io }: AuditCall): Promise<number> {
  const verdict = await (await openClient()).verifyAudit();
  const { entries, intact, first_bad: firstBad, head } = verdict;
  await io.result(verdict, () =>
    intact ? `${entries} entries hold. Head: ${head}` : `Entry ${firstBad} does not follow from the one before it.`,
  );
  return intact ? 0 : 1;
}

async function seen({ options: { dataset, row, limit, offset }, io }: AuditCall): Promise<number> {
  const client = await openClient();
  const page = { limit: toNumber('limit', limit) ?? 50, offset: toNumber('offset', offset) };
  if (row !== undefined && dataset === undefined)
    throw new UsageError('--dataset is missing: rows are numbered in one.');
  const found =
    row === undefined
      ? await client.whoSawValue(await io.secret('Value: '), { ...page, dataset_id: dataset })
      : await client.whoSawRow(dataset!, toNumber('row', row)!, page);
  await io.result(found, () => tableOf(found.items, io));
  if (!found.complete) io.note('There is more than was looked at. Ask for one dataset.');
  return 0;
}

const tableOf = (items: readonly AuditEntry[], { width }: AuditCall['io']): string =>
  table(
    ['#', 'AT', 'ACTOR', 'ACTION', 'TARGET', 'DETAIL'],
    items.map(({ entry_id, at, actor, action, target, detail }) => [
      entry_id,
      at.slice(0, 19),
      actor,
      action,
      target,
      detail,
    ]),
    width,
  );
