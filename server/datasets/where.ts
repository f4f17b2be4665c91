import { Problem } from '../core/problem.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import { storage, type TypedValue, typedValue, type ValueType } from '../infer/values.ts';
import { normalise } from '../seal/normalise.ts';
import { columnIndex } from './column-index.ts';
import type { Handle } from './handle.ts';
import type { Place } from './layout.ts';
import type { Condition, Query } from './query.ts';
import { sqlOf } from './select.ts';

/** A value that a sealed column must really hold: the blind index alone finds others too. */
export interface Confirmation {
  readonly place: Place;
  /** As `normalise` makes it. */
  readonly value: string;
}

/** Conditions as SQL. */
export interface Filter {
  /** One term after `where`; it looks at the clock from time to time. */
  readonly sql: string;
  readonly parameters: readonly TypedValue[];
  readonly places: readonly Place[];
  readonly confirmations: readonly Confirmation[];
}

type Term = Partial<Omit<Filter, 'sql'>> & Pick<Filter, 'sql'>;

/** To look for a longer text in a long one takes a time that the clock does not see. */
const LONGEST_PART = 500;
const COMPARISONS = { eq: '=', ne: 'is not', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/**
 * The filter for all the conditions together.
 * @throws Problem `column_unknown`, `invalid_request` for a value or operation that does not suit the column,
 * `key_invalid` when a sealed column is searched without `blindIndexKey`.
 */
export function filter(handle: Handle, where: readonly Condition[], blindIndexKey: Uint8Array | undefined): Filter {
  const terms = where.map((condition) => term(handle, condition, blindIndexKey));
  // Rows are numbered without a gap, so this term calls `tick` at regular intervals.
  const clock = `(rows.n % ${handle.rowsPerTick} or tick())`;
  return {
    sql: [clock, ...terms.map(({ sql }) => sql)].join(' and '),
    parameters: terms.flatMap(({ parameters = [] }) => parameters),
    places: terms.flatMap(({ places = [] }) => places),
    confirmations: terms.flatMap(({ confirmations = [] }) => confirmations),
  };
}

function term(handle: Handle, condition: Condition, blindIndexKey: Uint8Array | undefined): Term {
  const k = handle.ordinal(condition.column);
  const { op } = condition;
  const profile = handle.meta.columns[k]!;
  const sql = sqlOf(handle.layout.columns[k]!.value);
  if (op === 'is_empty') return { sql: `ifnull(${sql}, '') = ''` };
  if (op === 'not_empty') return { sql: `ifnull(${sql}, '') <> ''` };
  if (profile.sealed) return sealedTerm(handle, k, condition, blindIndexKey);
  if (op in COMPARISONS) {
    return {
      sql: `${sql} ${COMPARISONS[op as keyof typeof COMPARISONS]} ?`,
      parameters: [operand(condition, profile)],
    };
  }
  if (typeof condition.value !== 'string' || storage(profile) !== 'text') {
    throw refused(condition, `${op} looks for text, and not in values of type ${profile.type}.`);
  }
  if (condition.value.length > LONGEST_PART)
    throw refused(condition, `${op} takes at most ${LONGEST_PART} characters.`);
  // As the moment is given, with the Z that is not stored.
  const given = profile.format === 'utc' ? `${sql} || 'Z'` : sql;
  const place = `instr(lower(${given}), ?)`;
  return { sql: op === 'contains' ? `${place} > 0` : `${place} = 1`, parameters: [asciiLower(condition.value)] };
}

function sealedTerm(handle: Handle, k: number, condition: Condition, blindIndexKey: Uint8Array | undefined): Term {
  const { value: place, index } = handle.layout.columns[k]!;
  if (condition.op !== 'eq')
    throw refused(condition, 'the column is sealed and knows eq, is_empty and not_empty alone.');
  if (condition.value === undefined) throw refused(condition, 'a value is missing.');
  if (!blindIndexKey) throw new Problem('key_invalid', 'A sealed column is searched with the blind-index key.');
  const value = String(condition.value);
  const number = columnIndex(blindIndexKey, k, handle.meta.indexBits).of(value);
  const confirmations = [{ place, value: normalise(value) }];
  return { sql: `${sqlOf(index!)} = ?`, parameters: [number], places: [index!], confirmations };
}

/**
 * The condition's value as the column stores its values: text as the file writes them, or as their type is usually written,
 * which a number always is.
 */
function operand(condition: Condition, profile: ColumnProfile): TypedValue {
  if (condition.value === undefined) throw refused(condition, 'a value is missing.');
  const text = String(condition.value);
  const forms = typeof condition.value === 'number' ? usualForms(profile) : [profile, ...usualForms(profile)];
  for (const form of forms) {
    const value = typedValue(text, form);
    if (value !== undefined) return value;
  }
  throw refused(condition, `its values are of type ${profile.type}, and the given one is not.`);
}

/** Numbers without marks and units; days and moments in ISO 8601, a day for a moment too. */
function usualForms({ type, format }: ColumnProfile): ValueType[] {
  if (type === 'date') return [{ type, format: 'ymd' }];
  if (type === 'timestamp') {
    return [
      { type, format: format === 'utc' ? format : 'local' },
      { type: 'date', format: 'ymd' },
    ];
  }
  if (type === 'currency' || type === 'percentage') return [{ type: 'decimal', format: null }];
  return [{ type, format: format === 'exact' ? format : null }];
}

/** `order by` for the wanted order, and the places it reads. @throws Problem `invalid_request` for a sealed column. */
export function order(handle: Handle, sort: NonNullable<Query['sort']>): string {
  const keys = sort.map(({ column, descending }) => {
    const k = handle.ordinal(column);
    if (handle.meta.columns[k]!.sealed) throw new Problem('invalid_request', `"${column}" is sealed; no sort by it.`);
    return `${sqlOf(handle.layout.columns[k]!.value)} ${descending ? 'desc' : 'asc'} nulls last`;
  });
  return `order by ${[...keys, 'rows.n'].join(', ')}`;
}

function refused({ column }: Condition, why: string): Problem {
  return new Problem('invalid_request', `The condition on "${column}" cannot be met: ${why}`);
}

/** As SQLite's `lower` does. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
