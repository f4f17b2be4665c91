import { BATCH_ROWS, type Batch, type Reject } from '../../core/batch.ts';
import { Problem } from '../../core/problem.ts';
import type { Budget } from '../budget.ts';
import type { ReadEvent } from '../format.ts';
import { RAW_BYTES } from '../reject-text.ts';
import { createBatchBuilder } from '../xlsx/batch-builder.ts';
import { attributeAt, attributeName, textOf, type XmlToken } from '../xlsx/xml-token.ts';
import type { XmlTable } from './plan.ts';
import { isNil, keyOf, type XmlNode } from './tree.ts';

/** An element that is open and belongs to the row. */
interface Open {
  readonly node: XmlNode;
  /** Its texts, joined; `null` when it says that it has no value. */
  text: string | null;
  /** Whether no element is in it. */
  isLeaf: boolean;
  /** The last characters of its texts. */
  lastText: string;
  /** Whether an element stands behind them. */
  isBroken: boolean;
  /** Its members as JSON by name, when it is part of a cell of JSON. */
  readonly members: Map<string, string[]> | null;
}

/** UTF-16 units that a row may hold beside its longest cell. */
const ROW_LENGTH = 16 << 20;

const ENDS_WITH_WORD = /[\p{L}\p{N}]$/u;
const BEGINS_WITH_WORD = /^[\p{L}\p{N}]/u;

/** Makes the rows of one table out of a document's elements. `take` gives the events since the last call. */
export function createRows(table: XmlTable, root: XmlNode, cellLength: number, budget: Budget) {
  const { columns, texts, attributes, lists } = table;
  const longest = ROW_LENGTH + cellLength;
  const rows = createBatchBuilder();
  let events: ReadEvent[] = [];
  const path: XmlNode[] = [root];
  const open: Open[] = [];
  /** Depth of elements that belong to rows of other tables. */
  let skipped = 0;
  let number = 0;
  let filled = 0;
  let size = 0;
  let items = new Map<number, string[]>();
  let rejects: Reject[] = [];

  function begin(node: XmlNode): void {
    open.push({ node, text: '', isLeaf: true, lastText: '', isBroken: false, members: null });
    number++;
  }

  function put(column: number, text: string): void {
    hold(text.length);
    if (text.length > cellLength) {
      const detail = `A cell of row ${number} has ${text.length} characters; ${cellLength} are allowed. Shorten it.`;
      rejects.push({ row: number, column, code: 'cell_too_large', detail, raw: text.slice(0, RAW_BYTES) });
    } else if (rows.put(column, text, null)) filled++;
  }

  function hold(length: number): void {
    size += length;
    if (size <= longest) return;
    const detail = `Row ${number} of ${JSON.stringify(table.name)} holds more than ${longest} characters.`;
    throw new Problem('cell_too_large', `${detail} Split it, or say by rows= which elements are rows.`);
  }

  function openInRow(parent: Open, node: XmlNode, token: XmlToken): void {
    parent.isLeaf = false;
    parent.isBroken = true;
    if (node.isRow) {
      skipped = 1;
      return;
    }
    const isJson = parent.members !== null || lists.has(node);
    const members = isJson ? new Map<string, string[]>() : null;
    takeAttributes(node, token, members);
    open.push({ node, text: isNil(token) ? null : '', isLeaf: true, lastText: '', isBroken: false, members });
  }

  function takeAttributes(node: XmlNode, token: XmlToken, members: Map<string, string[]> | null): void {
    const own = attributes.get(node);
    for (let i = 0; i < token.count; i++) {
      const key = attributeName(token, i);
      const name = node.attributes.get(key);
      // What declares a prefix or a schema is no data.
      if (name === undefined) continue;
      if (members) members.set(`@${name}`, [JSON.stringify(attributeAt(token, i))]);
      else put(own!.get(key)!, attributeAt(token, i));
    }
  }

  function closeInRow(): void {
    const { node, text, isLeaf, members } = open.pop()!;
    const parent = open.at(-1);
    const own = text !== null && (isLeaf || /\S/.test(text)) ? text : null;
    if (!members) {
      const column = texts.get(node);
      // An element with attributes and nothing in it has no text.
      if (column !== undefined && own !== null) put(column, own);
      return;
    }
    const json = toJson(node, own, members);
    const list = parent?.members ? null : lists.get(node);
    if (list === undefined) return;
    if (list === null) append(parent!.members!, node.name, json);
    else append(items, list, json);
  }

  function append<K>(lists: Map<K, string[]>, key: K, json: string): void {
    const list = lists.get(key);
    hold(json.length);
    if (list) list.push(json);
    else lists.set(key, [json]);
  }

  function end(): void {
    for (const [column, list] of items) {
      size = 0;
      put(column, `[${list.join()}]`);
    }
    budget.addRows(1);
    budget.addCells(filled);
    rows.advance();
    for (const reject of rejects) events.push({ type: 'reject', reject });
    ({ filled, size, items, rejects } = { filled: 0, size: 0, items: new Map(), rejects: [] });
    if (rows.length === BATCH_ROWS) flush();
  }

  function flush(): void {
    if (rows.length > 0) events.push({ type: 'batch', batch: batchOf() });
  }

  function batchOf(): Batch {
    return rows.take().fit({ first: 0, last: columns.length - 1 });
  }

  if (table.row === null) begin(root);
  return {
    open(_: number, token: XmlToken): void {
      if (skipped > 0) {
        skipped++;
        return;
      }
      const parent = open.at(-1);
      const node = path.at(-1)!.children.get(keyOf(token))!;
      if (parent) {
        openInRow(parent, node, token);
        if (skipped > 0) return;
      } else if (node === table.row) {
        begin(node);
        if (isNil(token)) open[0]!.text = null;
        takeAttributes(node, token, null);
      }
      path.push(node);
    },
    text(token: XmlToken): void {
      const element = open.at(-1);
      if (skipped > 0 || !element || element.text === null) return;
      const text = textOf(token);
      hold(text.length);
      // Two words beside each other would become one, in which no identifier is found.
      const isSplit = element.isBroken && ENDS_WITH_WORD.test(element.lastText) && BEGINS_WITH_WORD.test(text);
      element.text += isSplit ? ` ${text}` : text;
      element.lastText = text.slice(-2);
      element.isBroken = false;
    },
    close(): void {
      if (skipped > 0) {
        skipped--;
        return;
      }
      path.pop();
      if (open.length === 0) return;
      closeInRow();
      if (open.length === 0) end();
    },
    /** The document has ended. */
    finish(): void {
      if (table.row === null) {
        open.pop();
        end();
      }
      flush();
    },
    take(): ReadEvent[] {
      const taken = events;
      events = [];
      return taken;
    },
  };
}

/** An element as JSON: its text alone, or an object of its attributes, elements and, as `#text`, its text. */
function toJson(node: XmlNode, text: string | null, members: ReadonlyMap<string, string[]>): string {
  if (members.size === 0) return JSON.stringify(text);
  const isList = (name: string) =>
    !name.startsWith('@') && [...node.children.values()].some((child) => child.name === name && child.most > 1);
  const parts = [...members].map(([name, values]) => {
    return `${JSON.stringify(name)}:${isList(name) ? `[${values.join()}]` : values[0]}`;
  });
  if (text !== null && text !== '') parts.push(`"#text":${JSON.stringify(text)}`);
  return `{${parts.join()}}`;
}
