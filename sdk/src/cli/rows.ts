import type { Client, Dataset, Opener, RowPage, RowQuery } from '../client.ts';
import { type Call, paging, toNumber, UsageError } from './command.ts';
import { csvLine } from './csv.ts';
import { table } from './table.ts';

/** Options of every command that shows rows. */
export const rowOptions = {
  ...paging,
  dataset: { type: 'string', value: 'N', help: 'Position of the dataset in the file (default 1), or its identifier.' },
  all: { type: 'boolean', help: 'All rows instead of the first 100.' },
  columns: { type: 'string', value: 'COLUMNS', help: 'Only these columns (a,b).' },
  csv: { type: 'boolean', help: 'Write CSV (RFC 4180).' },
} as const;

/** `opener` opens sealed values here. */
type RowCall = Pick<Call<typeof rowOptions>, 'options' | 'io'> & { readonly opener?: Opener | undefined };
type Row = RowPage['rows'][number];

const MOST = 1000;

/** The dataset of a file that `wanted` names. @throws Error when the file is not ready or has none such. */
export async function datasetOf(client: Client, fileId: string, wanted = '1'): Promise<Dataset> {
  const file = await client.files.get(fileId, { limit: 1 });
  if (!('datasets' in file)) throw new Error(`${file.message} Or wait with: intakt watch ${fileId}`);
  if (file.error) throw new Error(`The file has failed: ${file.error.detail}`);
  const found = file.datasets.find(({ position, dataset_id }) => wanted === `${position}` || wanted === dataset_id);
  if (!found) throw new Error(`The file has ${file.datasets.length} dataset(s), and none is ${wanted}.`);
  return found;
}

/** The rows with the values of sealed columns opened; what is masked for good stays so. */
function openAll(rows: Row[], { columns }: Dataset, opener: Opener | undefined): Promise<Row[]> | Row[] {
  if (!opener) return rows;
  const sealed = columns.filter((column) => column.sealed && !column.masked).map(({ name }) => name);
  const open = async (row: Row): Promise<Row> => {
    const values = await Promise.all(
      sealed
        .filter((name) => typeof row[name] === 'string')
        .map(async (name) => [name, await opener.open(row[name] as string)]),
    );
    return { ...row, ...Object.fromEntries(values) };
  };
  return Promise.all(rows.map(open));
}

/** Writes rows as a table, as CSV or as a line of JSON each, page after page. */
export async function showRows(
  client: Client,
  fileId: string,
  query: RowQuery,
  { options, io, opener }: RowCall,
): Promise<void> {
  if (options.csv && io.json) throw new UsageError('Give --csv or --json, not both.');
  const dataset = await datasetOf(client, fileId, options.dataset);
  const { dataset_id, row_count } = dataset;
  const offset = toNumber('offset', options.offset) ?? 0;
  let left = options.all ? Number.POSITIVE_INFINITY : (toNumber('limit', options.limit) ?? 100);
  let shown = 0;
  const columns = options.columns?.split(',').filter(Boolean);
  const pages = left === 0 ? [] : client.rows(dataset_id, { ...query, columns, offset, limit: Math.min(left, MOST) });
  for await (const page of pages) {
    const rows = await openAll(page.rows.slice(0, left), dataset, opener);
    const cells = rows.map((row) => page.columns.map((name) => row[name]));
    const numbers = page.row_numbers.slice(0, left);
    if (io.json) for (const row of rows) await io.write(`${JSON.stringify(row)}\n`);
    else if (options.csv) await io.write((shown === 0 ? [page.columns, ...cells] : cells).map(csvLine).join(''));
    else
      await io.write(
        `${table(
          ['#', ...page.columns],
          cells.map((row, index) => [numbers[index], ...row]),
          io.width,
        )}\n`,
      );
    shown += rows.length;
    left -= rows.length;
    if (left <= 0) break;
  }
  if (!options.all && !options.csv && offset + shown < row_count)
    io.note(`${shown} of ${row_count} rows. See more with --all or --offset ${offset + shown}.`);
}
