import { Problem } from '../../core/problem.ts';
import { uniqueNames } from '../column-names.ts';
import { pathName } from '../json/keys.ts';
import { pathOf, type XmlNode } from './tree.ts';

/** A table of a document: the elements that are its rows, or, without those of other tables, its root. */
export interface XmlTable {
  readonly name: string;
  /** `null` for the one row that holds what is in no other table. */
  readonly row: XmlNode | null;
  readonly columns: readonly string[];
  /** Where an element's own text stands. */
  readonly texts: ReadonlyMap<XmlNode, number>;
  /** Where its attributes stand, by the bytes of their names in Latin-1. */
  readonly attributes: ReadonlyMap<XmlNode, ReadonlyMap<string, number>>;
  /** Where elements that come again stand, with all that is in them. */
  readonly lists: ReadonlyMap<XmlNode, number>;
}

/** Each table costs a pass over the document. */
const MAX_TABLES = 100;

/**
 * The tables of a document whose elements are known. Rows are the outermost elements that come more than once in the
 * same parent, or those at the path that was told. What is in no row, if anything is, is one row of a last table.
 * @throws Problem `not_a_table` when no element is at the path told; `too_many_columns`.
 */
export function planTables(root: XmlNode, name: string, told: string | undefined, maxColumns: number): XmlTable[] {
  const rows = told === undefined ? repeated(root) : [atPath(root, told)];
  if (rows.length > MAX_TABLES) {
    const detail = `The document has ${rows.length} different elements that come again; ${MAX_TABLES} can be tables.`;
    throw new Problem('not_a_table', `${detail} Say by rows= which are rows, such as rows=feed/entry.`);
  }
  for (const row of rows) row.isRow = true;
  const tables = rows.map((row) => tableOf(pathOf(row).join('/'), row, row, maxColumns));
  const rest = tableOf(name, null, root, maxColumns);
  return rest.columns.length > 0 ? [...tables, rest] : tables;
}

function repeated(node: XmlNode): XmlNode[] {
  return [...node.children.values()].flatMap((child) => (child.most > 1 ? [child] : repeated(child)));
}

function atPath(root: XmlNode, path: string): XmlNode {
  const found = path
    .split('/')
    .reduce<XmlNode | undefined>(
      (node, name) => node && [...node.children.values()].find((child) => child.name === name),
      root,
    );
  if (found) return found;
  const some = repeated(root)
    .slice(0, 5)
    .map((node) => pathOf(node).join('/'));
  const known = some.length > 0 ? ` Elements that come again are at: ${some.join(', ')}.` : '';
  throw new Problem('not_a_table', `The document has no element at the path given in rows.${known}`);
}

function tableOf(name: string, row: XmlNode | null, top: XmlNode, maxColumns: number): XmlTable {
  const names: string[] = [];
  const texts = new Map<XmlNode, number>();
  const attributes = new Map<XmlNode, ReadonlyMap<string, number>>();
  const lists = new Map<XmlNode, number>();
  const column = (path: readonly string[]) => names.push(pathName(path)) - 1;

  function add(node: XmlNode, path: readonly string[]): void {
    if (node.hasText) texts.set(node, column(path.length > 0 ? path : [node.name]));
    const own = [...node.attributes].map(([key, attribute]) => [key, column([...path, `@${attribute}`])] as const);
    if (own.length > 0) attributes.set(node, new Map(own));
    for (const child of node.children.values()) {
      if (child.isRow) continue;
      const childPath = [...path, child.name];
      if (child.most > 1) {
        if (hasData(child)) lists.set(child, column(childPath));
      } else add(child, childPath);
    }
  }
  add(top, []);
  if (names.length > maxColumns) {
    const detail = `The rows have ${names.length} different elements and attributes, each a column; ${maxColumns} are allowed.`;
    throw new Problem('too_many_columns', `${detail} Split the document.`);
  }
  return { name, row, columns: uniqueNames(names), texts, attributes, lists };
}

/** Whether anything but rows of tables is in it. */
function hasData(node: XmlNode): boolean {
  if (node.isRow) return false;
  return node.hasText || node.attributes.size > 0 || [...node.children.values()].some(hasData);
}
