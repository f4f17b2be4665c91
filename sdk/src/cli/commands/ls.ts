import type { FileList } from '../../client.ts';
import { type Call, command, paging, toNumber } from '../command.ts';
import { openClient } from '../credentials.ts';
import { table } from '../table.ts';

const options = {
  ...paging,
  type: { type: 'string', value: 'TYPE', help: 'Only this kind of file, such as csv.' },
  status: { type: 'string', value: 'STATUS', help: 'Only uploading, processing, ready or failed.' },
} as const;

/** `intakt ls` */
export const ls = command({
  summary: 'List your files, newest first.',
  args: '',
  options,
  async run({ options, io }) {
    return showFiles(io, await (await openClient()).files.list(toQuery(options)));
  },
});

/** `intakt search` */
export const search = command({
  summary: 'List your files whose name holds a text.',
  args: 'TEXT',
  options,
  async run({ args: [text = ''], options, io }) {
    return showFiles(io, await (await openClient()).files.search(text, toQuery(options)));
  },
});

const toQuery = ({ limit, offset, type, status }: Call<typeof options>['options']) => ({
  limit: toNumber('limit', limit) ?? 50,
  offset: toNumber('offset', offset),
  file_type: type,
  status,
});

async function showFiles(io: Call['io'], list: FileList): Promise<number> {
  const header = ['FILE_ID', 'STATUS', 'ROWS', 'BYTES', 'CREATED', 'NAME'];
  const rows = list.items.map((file) => [
    file.file_id,
    file.status === 'processing' ? `${file.phase} ${file.progress} %` : file.status,
    file.row_count,
    file.size,
    file.created_at.slice(0, 19),
    file.filename,
  ]);
  await io.result(list, () => table(header, rows, io.width));
  if (list.total > rows.length) io.note(`${rows.length} of ${list.total}. See more with --limit and --offset.`);
  return 0;
}
