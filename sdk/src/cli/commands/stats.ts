import { command } from '../command.ts';
import { openClient } from '../credentials.ts';
import { list } from '../table.ts';

/** `intakt stats` */
export const stats = command({
  summary: 'Count your files, bytes and rows.',
  args: '',
  options: {},
  async run({ io }) {
    const counts = await (await openClient()).files.stats();
    const { processing_ms: ms, by_type, by_status, ...sums } = counts;
    const rounded = (value: number | null) => (value === null ? null : Math.round(value));
    await io.result(counts, () =>
      list([
        ...Object.entries(sums),
        ...Object.entries(by_type).map(([type, count]) => [`type ${type}`, count] as const),
        ...Object.entries(by_status).map(([status, count]) => [`status ${status}`, count] as const),
        ['average ms', rounded(ms.average)],
        ['fastest ms', rounded(ms.min)],
        ['slowest ms', rounded(ms.max)],
      ]),
    );
    return 0;
  },
});
