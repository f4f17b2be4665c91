import type { SchemaElement } from 'hyparquet';
import { pathName } from '../json/keys.ts';
import { corrupt, countOf } from './problems.ts';

/** A field of the schema. */
export interface Field {
  readonly element: SchemaElement;
  readonly name: string;
  readonly children: readonly Field[];
  /** Levels at which the field itself is there, and at which it repeats (Dremel encoding). */
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  /** The leaves below it, or itself: their numbers run from `firstLeaf` up to but not including `endLeaf`. */
  readonly firstLeaf: number;
  readonly endLeaf: number;
}

/** A column of the table. */
export interface TableColumn {
  readonly name: string;
  /** A leaf, or a field whose values are lists, maps or groups that repeat. */
  readonly field: Field;
  readonly isFlat: boolean;
}

const MAX_DEPTH = 64;
const MAX_FIELDS = 20_000;

/** The schema as a tree; `leaves` are in the order of the columns of a row group. @throws Problem `parquet_corrupt`. */
export function schemaOf(elements: readonly SchemaElement[]): { root: Field; leaves: readonly Field[] } {
  if (elements.length > MAX_FIELDS) throw corrupt(`the schema has ${elements.length} fields`);
  const leaves: Field[] = [];
  let next = 0;

  function read(definition: number, repetition: number, depth: number): Field {
    const element = elements[next++];
    if (!element || depth > MAX_DEPTH) throw corrupt('the schema is not whole');
    const { repetition_type: kind, num_children = 0, type_length = 0 } = element;
    const count = countOf(num_children, 'the number of members of a group');
    countOf(type_length, 'the size of a type');
    const isRoot = depth === 0;
    const maxDefinition = definition + (isRoot || kind === 'REQUIRED' ? 0 : 1);
    const maxRepetition = repetition + (!isRoot && kind === 'REPEATED' ? 1 : 0);
    if (count > elements.length - next) throw corrupt('the schema is not whole');
    const firstLeaf = leaves.length;
    const children = Array.from({ length: count }, () => read(maxDefinition, maxRepetition, depth + 1));
    const levels = { maxDefinition, maxRepetition, firstLeaf };
    const { name = '' } = element;
    if (typeof name !== 'string') throw corrupt('the name of a field is no text');
    if (count > 0 || !element.type) return { element, name, children, ...levels, endLeaf: leaves.length };
    const leaf = { element, name, children, ...levels, endLeaf: firstLeaf + 1 };
    leaves.push(leaf);
    return leaf;
  }

  const root = read(0, 0, 0);
  if (next !== elements.length) throw corrupt('the schema is not whole');
  return { root, leaves };
}

/**
 * The columns of the table: a leaf that does not repeat is one, members of groups too (`address.city`); a list, a map
 * or whatever repeats is one with all that is below it.
 */
export function columnsOf(root: Field): TableColumn[] {
  const columns: TableColumn[] = [];
  function add(field: Field, path: readonly string[]): void {
    const own = [...path, field.name];
    const isLeaf = field.children.length === 0;
    if (isLeaf && field.endLeaf === field.firstLeaf) return;
    if (isLeaf || listElement(field) || mapEntry(field) || field.element.repetition_type === 'REPEATED') {
      columns.push({ name: pathName(own), field, isFlat: isLeaf && field.maxRepetition === 0 });
    } else for (const child of field.children) add(child, own);
  }
  for (const child of root.children) add(child, []);
  return columns;
}

/**
 * The field whose values are the elements of a list, and the field that repeats; `undefined` for what is no list. Older
 * writers leave one of the two groups out (parquet-format, LogicalTypes, Lists, backward compatibility).
 */
export function listElement(field: Field): { repeated: Field; element: Field } | undefined {
  const { converted_type: converted, logical_type: logical } = field.element;
  if (converted !== 'LIST' && logical?.type !== 'LIST') return undefined;
  const [repeated, ...others] = field.children;
  if (!repeated || others.length > 0 || repeated.element.repetition_type !== 'REPEATED') return undefined;
  const [only, ...more] = repeated.children;
  const isElement = !only || more.length > 0 || only.element.repetition_type === 'REPEATED';
  if (isElement || repeated.name === 'array' || repeated.name === `${field.name}_tuple`) {
    return { repeated, element: repeated };
  }
  return { repeated, element: only };
}

/** The field that repeats in a map, and its key and value; a map may have keys alone. */
export function mapEntry(field: Field): { repeated: Field; key: Field; value: Field | undefined } | undefined {
  const { converted_type: converted, logical_type: logical } = field.element;
  if (converted !== 'MAP' && converted !== 'MAP_KEY_VALUE' && logical?.type !== 'MAP') return undefined;
  const [repeated, ...others] = field.children;
  if (!repeated || others.length > 0 || repeated.element.repetition_type !== 'REPEATED') return undefined;
  const [key, value, ...more] = repeated.children;
  if (!key || more.length > 0 || key.children.length > 0 || key.element.repetition_type === 'REPEATED')
    return undefined;
  return { repeated, key, value };
}
