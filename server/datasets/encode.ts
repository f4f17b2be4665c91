import type { Cell } from '../core/batch.ts';
import { type PackedBatch, type PackedColumn, unpackColumn } from '../core/packed-batch.ts';
import { Problem } from '../core/problem.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import { createSpanFinder } from '../infer/text/spans.ts';
import { isOwnText, isPlainText, type TypedValue, typedValue } from '../infer/values.ts';
import { maskAll } from '../seal/mask.ts';
import { maskSpans } from '../seal/mask-spans.ts';
import type { Sealer } from '../seal/sealer.ts';
import { columnIndex } from './column-index.ts';

/** What SQLite stores in one cell. */
export type Stored = string | number | null;

/** A batch of what SQLite stores in one of its columns. Texts may come packed. */
export type StoredColumn = readonly Stored[] | PackedColumn;

/** One batch of a column as it is stored, part by part; `raw` only where the column keeps raw text. */
export interface EncodedColumn {
  readonly value: StoredColumn;
  readonly raw?: StoredColumn;
  readonly mask?: StoredColumn;
  readonly index?: StoredColumn;
}

/** Encodes one column, batch by batch. `row` is how many rows of the dataset stand before the batch. */
export type ColumnEncoder = (batch: PackedBatch, row: number) => EncodedColumn;

/** What sealed columns need. `now` is the tokens' time in whole seconds since 1970. */
export interface Sealing {
  readonly sealer: Sealer;
  readonly blindIndexKey: Uint8Array;
  readonly indexBits: number;
  readonly now: number;
}

/** The encoder of column `k`. */
export function createEncoder(profile: ColumnProfile, k: number, sealing: Sealing): ColumnEncoder {
  if (profile.sealed) return sealedEncoder(profile, k, sealing);
  if (profile.masked) return maskedEncoder(profile, k);
  if (isPlainText(profile.type)) return textEncoder(profile, k);
  return typedEncoder(profile, k);
}

/** What is masked for good: the mask is the value. */
function maskedEncoder(profile: ColumnProfile, k: number): ColumnEncoder {
  const masks = createMasks(profile, 'mask');
  return (batch) => {
    const cells = unpackColumn(batch.columns[k]!);
    return { value: spread(cells, masks(filledOf(cells))) };
  };
}

/** Masks values as the column's are: whole, or the identifiers in them for which there is this decision. */
function createMasks(profile: ColumnProfile, decision: 'seal' | 'mask'): (values: readonly string[]) => string[] {
  const find = createSpanFinder(profile, decision);
  if (find !== null) return (values) => values.map((value) => maskSpans(value, find(value)));
  return (values) => maskAll(values, profile.maskKind ?? 'generic');
}

const isFilled = (cell: Cell): cell is string => !!cell;

/** The filled cells: most columns have no others. */
function filledOf(cells: readonly Cell[]): readonly string[] {
  return cells.every(isFilled) ? cells : cells.filter(isFilled);
}

function textEncoder(profile: ColumnProfile, k: number): ColumnEncoder {
  return (batch) => {
    const raws = batch.raws?.[k];
    return { value: batch.columns[k]!, ...(profile.rawDiffers && { raw: raws ?? none(batch.length) }) };
  };
}

function typedEncoder(profile: ColumnProfile, k: number): ColumnEncoder {
  return (batch, row) => {
    const cells = unpackColumn(batch.columns[k]!);
    const value: (TypedValue | null)[] = new Array(cells.length);
    for (let i = 0; i < cells.length; i++) value[i] = cells[i] ? fitting(cells[i]!, profile, row + i) : null;
    if (!profile.rawDiffers) return { value };
    const packedRaws = batch.raws?.[k];
    const raws = packedRaws && unpackColumn(packedRaws);
    const raw = cells.map((cell, i) => {
      if (raws?.[i] != null || cell === null) return raws?.[i] ?? null;
      return cell !== '' && isOwnText(cell, value[i]!, profile) ? null : cell;
    });
    return { value, raw };
  };
}

function fitting(text: string, profile: ColumnProfile, row: number): TypedValue {
  const { name, type } = profile;
  const value = typedValue(text, profile);
  if (value !== undefined) return value;
  throw new Problem(
    'internal',
    `Column "${name}" was found to be ${type}, but its value in data row ${row + 1} is not.`,
  );
}

/**
 * The value sealed is the cell's text as it stands, but for identifiers in it that are masked for good. An absent cell
 * stays absent and an empty text empty.
 */
function sealedEncoder(profile: ColumnProfile, k: number, sealing: Sealing): ColumnEncoder {
  const masks = createMasks(profile, 'seal');
  const gone = createSpanFinder(profile, 'mask');
  const index = columnIndex(sealing.blindIndexKey, k, sealing.indexBits);
  return (batch) => {
    const cells = unpackColumn(batch.columns[k]!);
    const filled = gone === null ? filledOf(cells) : filledOf(cells).map((cell) => maskSpans(cell, gone(cell)));
    const value = spread(cells, sealing.sealer.seal(filled, sealing.now));
    const encoded = { value, mask: spread(cells, masks(filled)), index: spread(cells, index.all(filled), null) };
    return profile.rawDiffers ? { ...encoded, raw: sealRaws(batch.raws?.[k], batch.length, sealing) } : encoded;
  };
}

function sealRaws(packed: PackedColumn | undefined, length: number, { sealer, now }: Sealing): readonly Stored[] {
  if (packed === undefined) return none(length);
  const raws = unpackColumn(packed);
  return spread(raws, sealer.seal(filledOf(raws), now));
}

/** `values`, one for each filled cell, at the places of those cells; the others keep their emptiness or get `empty`. */
function spread(cells: readonly Cell[], values: ArrayLike<string | number>, empty?: null): readonly Stored[] {
  if (values.length === cells.length && Array.isArray(values)) return values;
  const out: Stored[] = new Array(cells.length);
  let next = 0;
  for (let i = 0; i < cells.length; i++) out[i] = cells[i] ? values[next++]! : empty === undefined ? cells[i]! : empty;
  return out;
}

function none(length: number): null[] {
  return new Array(length).fill(null);
}
