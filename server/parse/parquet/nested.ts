import type { LeafReader } from './leaf.ts';
import { corrupt } from './problems.ts';
import { type Field, listElement, mapEntry } from './schema.ts';
import { isJsonLiteral } from './values.ts';

/**
 * The JSON of what a field that is a list, a map or a group that repeats holds in the row at which the readers of its
 * leaves stand (the Dremel encoding, taken apart); `null` when it is absent. A map is an object whose keys are the
 * texts of its keys; absent elements and members are null.
 * @throws Problem `parquet_corrupt` when the leaves do not have the same shape.
 */
export function nestedJson(field: Field, readers: readonly LeafReader[]): string | null {
  const cursors = readers.map(({ leaf, row }) => ({ leaf, row, at: row.start, text: row.text }));
  const json = read(field, cursors);
  if (cursors.some(({ at, row }) => at !== row.end)) throw corrupt('the columns of a list have different lengths');
  return json;
}

interface Cursor {
  readonly leaf: Field;
  readonly row: LeafReader['row'];
  at: number;
  text: number;
}

function read(field: Field, cursors: readonly Cursor[]): string | null {
  if (field.element.repetition_type === 'REPEATED')
    return readAll(field, cursors, (own) => readOne(field, own) ?? 'null');
  return readOne(field, cursors);
}

/** A value of the field that does not repeat, or of one of its repetitions. */
function readOne(field: Field, cursors: readonly Cursor[]): string | null {
  if (definitionOf(cursors[0]!) < field.maxDefinition) return pass(cursors);
  if (field.children.length === 0) return readLeaf(field, cursors[0]!);
  const list = listElement(field);
  if (list) {
    const { repeated, element } = list;
    const readElement = element === repeated ? readOne : read;
    return readAll(repeated, cursors, (own) => readElement(element, own) ?? 'null');
  }
  const map = mapEntry(field);
  if (map) {
    const { repeated, key, value } = map;
    const own = (child: Field, all: readonly Cursor[]) => pick(child, field, all);
    return readAll(
      repeated,
      cursors,
      (all) => {
        const name = JSON.stringify(readKey(key, own(key, all)));
        return `${name}:${(value && read(value, own(value, all))) ?? 'null'}`;
      },
      '{}',
    );
  }
  const members = field.children.map((child) => {
    const json = read(child, pick(child, field, cursors));
    return `${JSON.stringify(child.name)}:${json ?? 'null'}`;
  });
  return `{${members.join()}}`;
}

/** All that `repeated` holds here, between brackets. */
function readAll(
  repeated: Field,
  cursors: readonly Cursor[],
  readItem: (cursors: readonly Cursor[]) => string,
  brackets = '[]',
): string {
  const first = cursors[0]!;
  if (definitionOf(first) < repeated.maxDefinition) {
    pass(cursors);
    return brackets;
  }
  const items: string[] = [];
  do {
    const before = first.at;
    items.push(readItem(cursors));
    if (first.at === before) throw corrupt('a list has no values');
  } while (first.at < first.row.end && repetitionOf(first) === repeated.maxRepetition);
  return brackets[0] + items.join() + brackets[1];
}

/** The cursors of the leaves below `child` among those of the leaves below `field`. */
function pick(child: Field, field: Field, cursors: readonly Cursor[]): readonly Cursor[] {
  const from = child.firstLeaf - field.firstLeaf;
  const own = cursors.slice(from, from + child.endLeaf - child.firstLeaf);
  if (own.length === 0) throw corrupt('a group has no columns');
  return own;
}

/** What is absent takes one place in every leaf. */
function pass(cursors: readonly Cursor[]): null {
  for (const cursor of cursors) {
    if (cursor.at >= cursor.row.end) throw corrupt('the columns of a list have different lengths');
    if (definitionOf(cursor) === cursor.leaf.maxDefinition) throw corrupt('a value stands where none can be');
    cursor.at++;
  }
  return null;
}

function readLeaf({ element }: Field, cursor: Cursor): string {
  const text = cursor.row.texts[cursor.text++];
  if (text === undefined) throw corrupt('a page holds fewer values than it says');
  cursor.at++;
  return isJsonLiteral(text, element) ? text : JSON.stringify(text);
}

function readKey(field: Field, cursors: readonly Cursor[]): string {
  const cursor = cursors[0]!;
  if (definitionOf(cursor) < field.maxDefinition) {
    pass(cursors);
    return '';
  }
  cursor.at++;
  return cursor.row.texts[cursor.text++] ?? '';
}

function definitionOf({ leaf, row, at }: Cursor): number {
  if (at >= row.end) throw corrupt('the columns of a list have different lengths');
  return row.definitions ? row.definitions[at]! : leaf.maxDefinition;
}

function repetitionOf({ row, at }: Cursor): number {
  return row.repetitions ? row.repetitions[at]! : 0;
}
