import type { Batch, Cell } from '../core/batch.ts';
import type { ColumnProfile, MaskKind, SensitiveFinding } from './profile.ts';
import { createScreen, type Screen } from './sensitive.ts';
import { createTyper, type Typer } from './types.ts';
import { isPlainText } from './values.ts';

/** The columns that the sender wants sealed and those that must stay plain, by name, whatever is found in them. */
export interface SealChoice {
  readonly seal: readonly string[];
  readonly plain: readonly string[];
}

/** Learns what the columns of one table are, from every value of it. Its memory does not grow with the rows. */
export interface Inference {
  /**
   * The names of the choice that this table has a column for, as the choice spells them. A name found in no table of
   * the file is the caller's to report (`column_unknown`).
   */
  readonly matched: ReadonlySet<string>;
  add(batch: Batch): void;
  /** One profile a column, in order. */
  finish(): ColumnProfile[];
}

interface Column {
  readonly name: string;
  readonly asked: 'seal' | 'plain' | null;
  readonly typer: Typer;
  readonly screen: Screen;
  rows: number;
  empty: number;
  /** Whether a cell holds the empty text, which is no value of any type but text. */
  quotedEmpty: boolean;
  raws: boolean;
}

/**
 * The inference of a table with these column names. Names of the choice match without regard to case and to space
 * around them; a column that is named in both lists is sealed.
 */
export function createInference(names: readonly string[], choice: SealChoice): Inference {
  const [seal, plain] = [choice.seal.map(normalName), choice.plain.map(normalName)];
  const known = new Set(names.map(normalName));
  const columns = names.map((name) => startColumn(name, seal, plain));
  return {
    matched: new Set([...choice.seal, ...choice.plain].filter((name) => known.has(normalName(name)))),
    add(batch) {
      for (let c = 0; c < columns.length; c++) addCells(columns[c]!, batch.columns[c]!, batch.raws?.[c]);
    },
    finish: () => columns.map(profile),
  };
}

function normalName(name: string): string {
  return name.trim().toLowerCase();
}

function startColumn(name: string, seal: readonly string[], plain: readonly string[]): Column {
  const key = normalName(name);
  const asked = seal.includes(key) ? 'seal' : plain.includes(key) ? 'plain' : null;
  const [typer, screen] = [createTyper(), createScreen(name)];
  return { name, asked, typer, screen, rows: 0, empty: 0, quotedEmpty: false, raws: false };
}

function addCells(column: Column, cells: readonly Cell[], raws: readonly Cell[] | undefined): void {
  column.rows += cells.length;
  column.typer.add(cells);
  const empty = cells.length - column.screen.add(cells);
  column.empty += empty;
  if (empty > 0 && !column.quotedEmpty) column.quotedEmpty = cells.includes('');
  if (raws !== undefined && !column.raws) column.raws = raws.some((raw) => raw !== null);
}

function profile(column: Column): ColumnProfile {
  const { name, rows, empty, asked } = column;
  const typing = column.typer.finish();
  const found = column.screen.finish(typing.type);
  const sealed = asked === 'seal' || (asked === null && found?.decision === 'seal');
  const typed = !sealed && !isPlainText(typing.type);
  return {
    ...{ name, rows, empty, sealed },
    type: sealed ? 'text' : typing.type,
    format: sealed ? null : typing.format,
    unit: sealed ? null : typing.unit,
    ambiguous: sealed ? null : typing.ambiguous,
    sealedBy: sealed ? (asked === 'seal' ? 'asked' : 'detected') : null,
    sensitive: found,
    maskKind: sealed ? maskKind(found) : null,
    rawDiffers: column.raws || (typed && (typing.differs || column.quotedEmpty)),
  };
}

/** A column sealed on request is masked as what it was found to be, if it was. */
function maskKind(found: SensitiveFinding | null): MaskKind {
  return found !== null && found.decision !== 'none' ? found.kind : 'generic';
}
