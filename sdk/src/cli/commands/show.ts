import type { Dataset, File } from '../../client.ts';
import { command } from '../command.ts';
import { openClient } from '../credentials.ts';
import { toFile } from '../follow.ts';
import { list, table, toText } from '../table.ts';

/** `intakt show` */
export const show = command({
  summary: 'Show a file and the columns of its datasets.',
  args: 'FILE_ID',
  options: {},
  async run({ args: [fileId = ''], io }) {
    const file = toFile(await (await openClient()).files.get(fileId, { limit: 1 }));
    const { datasets = [], error, ...rest } = file as File & { datasets?: Dataset[] };
    await io.result(file, () => {
      const facts = list([
        ...Object.entries(rest),
        ...Object.entries(error ?? {}).map(([k, v]) => [`error ${k}`, v] as const),
      ]);
      return [facts, ...datasets.map((dataset) => columnsOf(dataset, io.width))].join('\n\n');
    });
    return 0;
  },
});

function columnsOf({ position, name, dataset_id, row_count, reject_count, columns }: Dataset, width?: number): string {
  const rows = columns.map((column) => [
    column.name,
    column.type,
    column.empty,
    column.sealed ? (column.sealed_by ?? 'yes') : '',
    column.sensitive?.kind ?? '',
  ]);
  const title = `Dataset ${position}: ${toText(name)} (${dataset_id}), ${row_count} rows, ${reject_count} rejects`;
  return `${title}\n${table(['COLUMN', 'TYPE', 'EMPTY', 'SEALED', 'SENSITIVE'], rows, width)}`;
}
