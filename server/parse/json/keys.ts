import { Problem } from '../../core/problem.ts';
import { uniqueNames } from '../column-names.ts';
import { HAS_COLUMN, HAS_VALUE, ROOT_KEY, type Scanner, type Separation } from './scanner.ts';

/** A key of the rows of a table, at its place: the `city` of `address` is another one than the `city` of the row. */
export interface KeyNode {
  readonly parent: KeyNode | null;
  readonly name: string;
  readonly children: Map<string, KeyNode>;
  /** The scanner's number for it, if it knows the key. */
  number: number | null;
  /** Whether a value that is no object with members was seen at it, null included, and whether one that is not null. */
  hasColumn: boolean;
  hasValue: boolean;
  /** From 0; -1 as long as the columns are not known, and for a key that has none. */
  column: number;
}

/** The keys that a table's rows have, as they become known. */
export interface KeyTree {
  readonly root: KeyNode;
  /** The key `name` in the object at `parent`; it is new if it was not known. */
  child(parent: KeyNode, name: string): KeyNode;
  /** Notes that a value, or null, stands at `node`. @throws Problem `too_many_columns`. */
  see(node: KeyNode, isNull: boolean): void;
  /**
   * The columns, in the order in which they first appeared. A key has none that is an object in some rows and null or
   * absent in all others.
   */
  finish(): KeyNode[];
  /** Starts the scanner's table with all of the keys, and gives the column of each by its number. */
  teach(scanner: Scanner, separation: Separation): Int32Array;
}

/** A tree without keys that may have `limit` columns. `learner` gets to know the keys as they come. */
export function createKeyTree(limit: number, learner: Scanner | null): KeyTree {
  let scanner = learner;
  const root = createNode(null, '', ROOT_KEY);
  const nodes: KeyNode[] = [];
  const seen: KeyNode[] = [];
  return {
    root,
    child(parent, name) {
      const known = parent.children.get(name);
      if (known) return known;
      const node = createNode(parent, name, scanner && introduce(scanner, parent, name, 0));
      parent.children.set(name, node);
      nodes.push(node);
      return node;
    },
    see(node, isNull) {
      if (!isNull) node.hasValue = true;
      if (node.hasColumn) return;
      node.hasColumn = true;
      if (seen.push(node) > limit) throw tooManyColumns(limit);
      if (scanner && node.number !== null) scanner.mark(node.number, scanner.marksOf(node.number) | HAS_COLUMN);
    },
    finish() {
      const hasValue = ({ hasValue, number }: KeyNode) =>
        hasValue || (scanner !== null && number !== null && (scanner.marksOf(number) & HAS_VALUE) !== 0);
      const columns = seen.filter((node) => node.children.size === 0 || hasValue(node));
      for (const [column, node] of columns.entries()) node.column = column;
      scanner = null;
      return columns;
    },
    teach(reader, separation) {
      reader.startTable(separation);
      for (const node of nodes) node.number = introduce(reader, node.parent!, node.name, HAS_COLUMN);
      const known = nodes.filter(({ number }) => number !== null);
      const columns = new Int32Array(known.length + 1).fill(-1);
      for (const { number, column } of known) columns[number!] = column;
      return columns;
    },
  };
}

/** The names of columns: the keys from the row down, with points between, made unique. */
export function columnNames(columns: readonly KeyNode[]): string[] {
  return uniqueNames(columns.map((node) => pathName(pathOf(node))));
}

/** The name of a path: `address.city`. A point or backslash within a key has a backslash before it. */
export function pathName(path: readonly string[]): string {
  return path.map((key) => key.replace(/[\\.]/g, '\\$&')).join('.');
}

/** The keys from the row down to `node`. */
export function pathOf(node: KeyNode): string[] {
  return node.parent === null ? [] : [...pathOf(node.parent), node.name];
}

function createNode(parent: KeyNode | null, name: string, number: number | null): KeyNode {
  return { parent, name, children: new Map(), number, hasColumn: false, hasValue: false, column: -1 };
}

function introduce(scanner: Scanner, parent: KeyNode, name: string, marks: number): number | null {
  // A key with half a surrogate pair has no UTF-8; a row with it is always read slowly.
  if (parent.number === null || !name.isWellFormed()) return null;
  return scanner.addKey(parent.number, name, marks);
}

function tooManyColumns(limit: number): Problem {
  const detail = `The rows have more than ${limit} different keys, each a column; ${limit} are allowed. Check whether keys hold data.`;
  return new Problem('too_many_columns', detail);
}
