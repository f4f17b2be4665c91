import { cellTooLarge } from '../xlsx/cell-too-large.ts';
import { corrupt } from '../xlsx/corrupt.ts';
import type { DateKind, DateSystem } from '../xlsx/dates.ts';
import { MAX_COLUMNS, MAX_ROWS } from '../xlsx/references.ts';
import type { RowSink } from '../xlsx/rows.ts';
import type { SheetListener } from '../xlsx/streamed-sheets.ts';
import type { XmlHandler } from '../xlsx/xml.ts';
import {
  attributeAt,
  attributeName,
  attributeOf,
  leadsOf,
  nameHash,
  textOf,
  type XmlToken,
} from '../xlsx/xml-token.ts';
import { kindOfFormat, xmlValue } from './xml-value.ts';

/** The namespace of the elements and attributes of a workbook in XML. */
export const WORKBOOK_NAMESPACE = 'urn:schemas-microsoft-com:office:spreadsheet';

/** What leads where: for each place the elements that are looked into. All else is skipped with all it holds. */
const PLACES = {
  part: { Workbook: 'workbook' },
  workbook: { ExcelWorkbook: 'settings', Styles: 'styles', Worksheet: 'sheet' },
  settings: { Date1904: 'date1904' },
  styles: { Style: 'style' },
  style: { NumberFormat: 'format' },
  sheet: { Table: 'table', WorksheetOptions: 'options' },
  options: { Visible: 'visible' },
  table: { Column: 'column', Row: 'row' },
  row: { Cell: 'cell' },
  cell: { Data: 'data' },
  /** Parts of a text that look different. */
  data: {},
  date1904: {},
  format: {},
  visible: {},
  column: {},
} as const;

type Place = keyof typeof PLACES;

const LEADS = leadsOf<Place>(PLACES);

const ATTRIBUTES = ['Name', 'ID', 'Parent', 'Format', 'StyleID', 'Index', 'Span', 'MergeAcross', 'Type'] as const;
type Attribute = (typeof ATTRIBUTES)[number];

/** What a style shows of numbers: `null` for numbers, `undefined` where there is no style that says it. */
type Kind = DateKind | null | undefined;

const MAX_NAME = 200;
/** No honest workbook has more; what is beyond says nothing. */
const MAX_STYLES = 1 << 16;

/** What is learned of a workbook the first time that it is read. */
export interface HiddenSheets {
  /** The numbers of the sheets that are hidden, from 0: a sheet says so behind its cells. */
  readonly hidden: Set<number>;
}

/**
 * A handler for a workbook in XML (the XML Spreadsheet of Excel 2002 and 2003): tells `listener` its sheets, and their
 * sinks the rows and cells that hold something. A row or cell without an index follows the one before it and what that
 * one is merged with to the right. What the cells' styles show counts for dates alone.
 * @throws Problem `workbook_corrupt`, `cell_too_large`.
 */
export function createXmlSheetsHandler(
  listener: SheetListener,
  cellLength: number,
  { hidden }: HiddenSheets,
): XmlHandler {
  const places: Place[] = ['part'];
  const kinds = new Map<string, Kind>();
  let attributes = attributesOf('ss');
  let dateSystem: DateSystem = '1900';
  let skipped = 0;
  let style = '';
  let sheets = 0;
  let sheetName = '';
  let sink: RowSink;
  let columnKinds: Kind[] = [];
  let columns = 0;
  let tableKind: Kind;
  let rowKind: Kind;
  let row = 0;
  let rowsTaken = 0;
  let column = 0;
  let nextColumn = 0;
  let kind: Kind;
  let type: string | undefined;
  let text: string | undefined;

  function open(name: number, token: XmlToken): void {
    const place = places.at(-1)!;
    const next = skipped > 0 ? undefined : place === 'data' ? place : LEADS.get(place)!.get(name);
    if (next === undefined) {
      skipped++;
      return;
    }
    places.push(next);
    if (place !== 'data') starts[next]?.(token);
  }

  const starts: Partial<Record<Place, (token: XmlToken) => void>> = {
    workbook(token) {
      attributes = attributesOf(prefixOf(token));
    },
    date1904() {
      dateSystem = '1904';
    },
    style(token) {
      style = said(token, 'ID') ?? '';
      keepKind(kinds.get(said(token, 'Parent') ?? 'Default') ?? null);
    },
    format(token) {
      keepKind(kindOfFormat(said(token, 'Format') ?? '') ?? null);
    },
    sheet(token) {
      sheetName = (said(token, 'Name') ?? '').slice(0, MAX_NAME);
      sink = listener.begin(sheetName, { hidden: hidden.has(sheets), dateSystem });
      rowsTaken = 0;
    },
    table(token) {
      tableKind = firstSaid(kindOf(token), kinds.get('Default'));
      columnKinds = [];
      columns = 0;
    },
    column: startColumn,
    row(token) {
      row = position(token, 'Index', MAX_ROWS) ?? rowsTaken + 1;
      rowsTaken = row + span(token, 'Span');
      rowKind = kindOf(token);
      nextColumn = 0;
      sink.startRow(row);
    },
    cell(token) {
      const index = position(token, 'Index', MAX_COLUMNS);
      column = index === undefined ? nextColumn : index - 1;
      nextColumn = column + 1 + span(token, 'MergeAcross');
      kind = firstSaid(kindOf(token), rowKind, columnKinds[column], tableKind);
      text = undefined;
    },
    data(token) {
      type = said(token, 'Type');
      text = '';
    },
  };

  function startColumn(token: XmlToken): void {
    const first = (position(token, 'Index', MAX_COLUMNS) ?? columns + 1) - 1;
    const end = Math.min(MAX_COLUMNS, first + 1 + span(token, 'Span'));
    const own = kindOf(token);
    // Each column once, however often the sheet speaks of it.
    for (let at = Math.max(first, columns); at < end; at++) columnKinds[at] = own;
    columns = Math.max(columns, end);
  }

  function close(): void {
    if (skipped > 0) {
      skipped--;
      return;
    }
    const place = places.pop();
    if (place === 'cell') endCell();
    else if (place === 'row') sink.endRow();
    else if (place === 'sheet') endSheet();
  }

  function endCell(): void {
    const value = text === undefined ? undefined : xmlValue(type, text, kind ?? undefined, dateSystem);
    if (!value) return;
    if (column >= MAX_COLUMNS) throw broken('has cells beyond the last column');
    sink.put(column, value.text, value.raw, value.isText);
  }

  function endSheet(): void {
    sheets++;
    listener.end();
  }

  function takeText(token: XmlToken): void {
    const place = places.at(-1);
    if (skipped > 0) return;
    if (place === 'visible' && /^\s*Sheet(?:Very)?Hidden\s*$/.test(textOf(token))) hidden.add(sheets);
    if (place !== 'data') return;
    text += textOf(token);
    if (text!.length > cellLength)
      throw cellTooLarge(`Row ${row} of the sheet ${JSON.stringify(sheetName)}`, cellLength);
  }

  function keepKind(own: Kind): void {
    if (kinds.size < MAX_STYLES) kinds.set(style, own);
  }

  function kindOf(token: XmlToken): Kind {
    const name = said(token, 'StyleID');
    return name === undefined ? undefined : kinds.get(name);
  }

  function said(token: XmlToken, name: Attribute): string | undefined {
    return token.count === 0 ? undefined : attributeOf(token, attributes[name]);
  }

  function position(token: XmlToken, name: Attribute, most: number): number | undefined {
    const written = said(token, name);
    if (written === undefined) return undefined;
    const value = /^\d{1,9}$/.test(written) ? Number(written) : 0;
    if (value < 1 || value > most) throw broken('has a row or cell at a place that no sheet has');
    return value;
  }

  function span(token: XmlToken, name: Attribute): number {
    const written = said(token, name) ?? '0';
    if (!/^\d{1,9}$/.test(written)) throw broken('reaches over an impossible number of cells');
    return Number(written);
  }

  function broken(what: string) {
    return corrupt(`the sheet ${JSON.stringify(sheetName)} ${what}`);
  }

  return { open, text: takeText, close };
}

function firstSaid(...kinds: readonly Kind[]): Kind {
  return kinds.find((kind) => kind !== undefined);
}

/** The hashes of the attributes' names with the prefix. */
function attributesOf(prefix: string): Readonly<Record<Attribute, number>> {
  const hashes = ATTRIBUTES.map((name) => [name, nameHash(`${prefix}:${name}`)]);
  return Object.fromEntries(hashes) as Record<Attribute, number>;
}

/** The prefix of the workbook's own attributes: `ss`, unless the document says another one. */
function prefixOf(token: XmlToken): string {
  for (let i = 0; i < token.count; i++) {
    const prefix = /^xmlns:(.+)$/.exec(attributeName(token, i))?.[1];
    if (prefix && attributeAt(token, i) === WORKBOOK_NAMESPACE) return prefix;
  }
  return 'ss';
}
