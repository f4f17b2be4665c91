import { command, paging, toNumber } from '../command.ts';
import { openClient } from '../credentials.ts';
import { datasetOf } from '../rows.ts';
import { table } from '../table.ts';

/** `intakt rejects` */
export const rejects = command({
  summary: 'Show the rows and cells that could not be taken, and why.',
  args: 'FILE_ID',
  options: {
    ...paging,
    dataset: {
      type: 'string',
      value: 'N',
      help: 'Position of the dataset in the file (default 1), or its identifier.',
    },
  },
  async run({ args: [fileId = ''], options, io }) {
    const client = await openClient();
    const { dataset_id } = await datasetOf(client, fileId, options.dataset);
    const page = { limit: toNumber('limit', options.limit), offset: toNumber('offset', options.offset) };
    const list = await client.rejects(dataset_id, page);
    const rows = list.items.map(({ row, column, code, detail }) => [row, column, code, detail]);
    await io.result(list, () => table(['ROW', 'COLUMN', 'CODE', 'DETAIL'], rows, io.width));
    if (list.total > rows.length) io.note(`${rows.length} of ${list.total}. See more with --limit and --offset.`);
    return 0;
  },
});
