import { cellTooLarge } from '../xlsx/cell-too-large.ts';
import { corrupt } from '../xlsx/corrupt.ts';
import { MAX_COLUMNS } from '../xlsx/references.ts';
import type { SheetListener } from '../xlsx/streamed-sheets.ts';
import type { XmlHandler } from '../xlsx/xml.ts';
import { attributeOf, leadsOf, nameHash, textOf, type XmlToken } from '../xlsx/xml-token.ts';
import { createParagraphs } from './paragraphs.ts';
import { createRowRepeater, type RowRepeater } from './row-repeater.ts';
import { createStyles } from './styles.ts';
import { type CellAttributes, odsValue } from './value.ts';

/** What leads where: for each place the elements that are looked into. All else is skipped with all it holds. */
const PLACES = {
  part: { 'document-content': 'content' },
  content: { 'automatic-styles': 'styles', body: 'body' },
  styles: { style: 'style', 'time-style': 'style' },
  style: { 'table-properties': 'style' },
  body: { spreadsheet: 'sheets' },
  sheets: { table: 'table' },
  table: { 'table-rows': 'table', 'table-header-rows': 'table', 'table-row-group': 'table', 'table-row': 'row' },
  row: { 'table-cell': 'cell', 'covered-table-cell': 'cell' },
  cell: { p: 'paragraph' },
  paragraph: {
    span: 'inline',
    a: 'inline',
    ruby: 'inline',
    'ruby-base': 'inline',
    s: 'space',
    tab: 'space',
    'line-break': 'space',
  },
  inline: {
    span: 'inline',
    a: 'inline',
    ruby: 'inline',
    'ruby-base': 'inline',
    s: 'space',
    tab: 'space',
    'line-break': 'space',
  },
  space: {},
} as const;

type Place = keyof typeof PLACES;

const LEADS = leadsOf<Place>(PLACES);

const TABLE = nameHash('table');
const SPACE = nameHash('s');
const TAB = nameHash('tab');
const NAME = nameHash('table:name');
const STYLE_NAME = nameHash('table:style-name');
const ROWS_REPEATED = nameHash('table:number-rows-repeated');
const COLUMNS_REPEATED = nameHash('table:number-columns-repeated');
const COUNT = nameHash('text:c');
const VALUE_TYPE = nameHash('office:value-type');
const OTHER_VALUE_TYPE = nameHash('calcext:value-type');
const STRING_VALUE = nameHash('office:string-value');
const VALUES = ['value', 'date-value', 'time-value', 'boolean-value'].map((name) => nameHash(`office:${name}`));
const MAX_NAME = 200;

/**
 * A handler for `content.xml` (OpenDocument 1.3 part 3, 9): tells `listener` the tables of the spreadsheet, and their
 * sinks the rows and cells that hold something. Rows and cells that are said to repeat come as often as they do.
 * @throws Problem `workbook_corrupt`, `cell_too_large`; `unpacked_too_large` as `createRowRepeater`.
 */
export function createContentHandler(listener: SheetListener, cellLength: number): XmlHandler {
  const places: Place[] = ['part'];
  const styles = createStyles();
  const paragraphs = createParagraphs(cellLength);
  let repeater: RowRepeater | undefined;
  let skipped = 0;
  let tableName = '';
  let column = 0;
  let repeated = 1;
  let attributes: CellAttributes | undefined;

  function open(name: number, token: XmlToken): void {
    const next = skipped > 0 ? undefined : LEADS.get(places.at(-1)!)?.get(name);
    if (next === undefined) {
      skipped++;
      return;
    }
    const nested = next === places.at(-1);
    places.push(next);
    if (next === 'style') styles.open(token);
    else if (next === 'table' && name === TABLE && !nested) startTable(token);
    else if (next === 'row') startRow(token);
    else if (next === 'cell') startCell(token);
    else if (next === 'paragraph') paragraphs.begin();
    else if (next === 'space') addSpace(name, token);
  }

  function close(name: number): void {
    if (skipped > 0) {
      skipped--;
      return;
    }
    const place = places.pop();
    if (place === 'table' && name === TABLE) listener.end();
    else if (place === 'row') repeater!.endRow();
    else if (place === 'cell') endCell();
    else if (place === 'paragraph') paragraphs.end();
  }

  function startTable(token: XmlToken): void {
    tableName = (attributeOf(token, NAME) ?? '').slice(0, MAX_NAME);
    const hidden = styles.isHidden(attributeOf(token, STYLE_NAME));
    repeater = createRowRepeater(listener.begin(tableName, { hidden, dateSystem: '1900' }));
  }

  function startRow(token: XmlToken): void {
    column = 0;
    repeater!.startRow(times(token, ROWS_REPEATED));
  }

  function startCell(token: XmlToken): void {
    repeated = times(token, COLUMNS_REPEATED);
    paragraphs.clear();
    const value = VALUES.map((name) => attributeOf(token, name)).find((given) => given !== undefined);
    attributes = {
      type: attributeOf(token, VALUE_TYPE),
      value,
      string: attributeOf(token, STRING_VALUE),
      isError: attributeOf(token, OTHER_VALUE_TYPE) === 'error',
      isDuration: styles.isDuration(attributeOf(token, STYLE_NAME)),
    };
  }

  function endCell(): void {
    const value = odsValue(attributes!, paragraphs.text);
    const first = column;
    column += repeated;
    if (!value) return;
    if (column > MAX_COLUMNS) throw broken('has cells beyond the last column');
    if (value.text.length > cellLength) throw tooLarge();
    repeater!.put(first, repeated, value);
  }

  function addSpace(name: number, token: XmlToken): void {
    const count = name === SPACE ? times(token, COUNT) : 1;
    if (count > cellLength) throw tooLarge();
    paragraphs.addExactly(name === SPACE ? ' '.repeat(count) : name === TAB ? '\t' : '\n');
  }

  function times(token: XmlToken, attribute: number): number {
    const said = attributeOf(token, attribute);
    if (said === undefined) return 1;
    if (!/^\d{1,9}$/.test(said) || Number(said) === 0) throw broken('repeats something an impossible number of times');
    return Number(said);
  }

  function tooLarge() {
    return cellTooLarge(`Row ${repeater!.row} of the sheet ${JSON.stringify(tableName)}`, cellLength);
  }

  function broken(what: string) {
    return corrupt(`the sheet ${JSON.stringify(tableName)} ${what}`);
  }

  return {
    open,
    text(token) {
      const place = places.at(-1);
      if (skipped === 0 && (place === 'paragraph' || place === 'inline')) paragraphs.add(textOf(token));
    },
    close,
  };
}
