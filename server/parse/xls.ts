import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { createBudget } from './budget.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { readWithLibrary } from './xls/library.ts';
import { unlockStream } from './xls/locked-stream.ts';
import { type CountedSheet, sheetEvents } from './xls/sheet-table.ts';
import { prepareStream, type WorkbookStream } from './xls/stream.ts';
import { readWorkbookStream } from './xls/workbook-stream.ts';
import { isXmlWorkbook, readXmlWorkbook } from './xls/xml-workbook.ts';
import { corrupt } from './xlsx/corrupt.ts';

/**
 * Cells that a legacy workbook may hold. The library keeps all of them at once, at 0.5 to 0.8 KB a cell: 600,000 cells
 * (13 MB of file) took 460 MB of resident memory, 750,000 took 553 MB, and a process may have 768 MB by default.
 */
export const MAX_XLS_CELLS = 600_000;
/** Excel's own names are at most 31 characters; a sheet's name becomes a table's. */
const MAX_NAME = 200;

/**
 * Reads legacy Excel workbooks (.xls: BIFF8 of Excel 97 and later, BIFF5 of Excel 5 and 95, BIFF2–4): every worksheet
 * with a cell that holds something is a table, hidden ones too, in the workbook's order; cells, header, columns and
 * dialect are those of the XLSX reader.
 *
 * The file is looked through first: its chains of sectors, its records, the cells of each sheet. Only what is needed
 * for values goes to a library that understands all versions, and a sheet from which it does not bring back exactly
 * the cells that were counted fails. The file and its cells are in memory in whole, so it may have `MAX_XLS_BYTES` and
 * `MAX_XLS_CELLS`. A workbook in XML, which is called .xls as well, is streamed (`readXmlWorkbook`).
 */
export const xlsFormat: Format = { read };

async function* read(source: Source, name: string, options: ReadOptions): AsyncGenerator<ReadEvent> {
  if (await isXmlWorkbook(source)) yield* readXmlWorkbook(source, name, options);
  else yield* readBinary(source, options);
}

async function* readBinary(source: Source, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const bytes = await readWorkbookStream(source);
  unlockStream(bytes, options.password);
  const stream = prepareStream(bytes);
  const total = [...stream.substreams.values()].reduce((sum, { cells }) => sum + cells, 0);
  createBudget(options.limits).addCells(total);
  if (total > MAX_XLS_CELLS) throw tooManyCells(total);
  const book = await readWithLibrary(bytes, stream.version < 8);
  const budget = createBudget(options.limits);
  let done = 0;
  for (const sheet of worksheets(stream, book.names)) {
    const cells = book.sheet(sheet.name);
    if (!cells) throw corrupt(`the sheet ${JSON.stringify(sheet.name)} is listed, but not there`);
    yield* sheetEvents({ ...sheet, name: sheet.name.slice(0, MAX_NAME) }, cells, stream.dateSystem, options, budget);
    done += sheet.cells;
    yield { type: 'progress', done: total === 0 ? 1 : done / total };
  }
  if (done === 0) throw new Problem('not_a_table', 'No sheet of the workbook has a cell that holds anything.');
  if (done < total) yield { type: 'progress', done: 1 };
}

/** The worksheets in the workbook's order; the library's `names` are in the order in which they stand in the stream. */
function worksheets({ version, listed, substreams }: WorkbookStream, names: readonly string[]): CountedSheet[] {
  if (version < 5 || listed.length === 0) return singleSheet(substreams, names);
  if (new Set(names).size !== listed.length) throw corrupt('two sheets have the same name');
  const places = listed.map(({ start }) => start).sort((a, b) => a - b);
  return listed.flatMap(({ start, hidden, isWorksheet }) => {
    const name = names[places.indexOf(start)]!;
    const found = substreams.get(start);
    if (!isWorksheet) return [];
    if (!found) throw corrupt(`the sheet ${JSON.stringify(name)} is listed, but not there`);
    return [{ name, hidden, cells: found.cells, extent: found.extent }];
  });
}

function singleSheet(substreams: WorkbookStream['substreams'], names: readonly string[]): CountedSheet[] {
  const [only, ...others] = [...substreams.values()];
  if (only?.cells === 0 && others.length === 0) return [];
  if (!only || others.length > 0 || names.length !== 1) throw corrupt('the sheets are not listed');
  return [{ name: names[0]!, hidden: false, cells: only.cells, extent: only.extent }];
}

function tooManyCells(cells: number): Problem {
  const detail = `The .xls file has ${cells} cells; ${MAX_XLS_CELLS} can be read in this format.`;
  return new Problem('too_many_cells', `${detail} Convert it to .xlsx, which has no such limit.`);
}
