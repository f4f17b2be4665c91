import { command, paging, toNumber } from '../command.ts';
import { openClient } from '../credentials.ts';
import { table } from '../table.ts';

/** `intakt audit` */
export const audit = command({
  summary: 'Show who did what, newest first. For administrators.',
  args: '',
  options: {
    ...paging,
    action: { type: 'string', value: 'ACTION', help: 'Only this action, such as dataset.reveal.' },
    target: { type: 'string', value: 'TARGET', help: 'Only this target, such as dataset:IDENTIFIER.' },
  },
  async run({ options: { limit, offset, action, target }, io }) {
    const page = { limit: toNumber('limit', limit) ?? 50, offset: toNumber('offset', offset) };
    const list = await (await openClient()).audit({ ...page, action, target });
    const rows = list.items.map((entry) => [
      entry.entry_id,
      entry.at.slice(0, 19),
      entry.actor,
      entry.action,
      entry.target,
      entry.detail,
    ]);
    await io.result(list, () => table(['#', 'AT', 'ACTOR', 'ACTION', 'TARGET', 'DETAIL'], rows, io.width));
    if (list.total > rows.length) io.note(`${rows.length} of ${list.total}. See more with --limit and --offset.`);
    return 0;
  },
});
