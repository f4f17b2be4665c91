import type { Batch } from '../core/batch.ts';
import { isHidden, type Policy } from './policy.ts';
import { type ColumnProfile, type SensitiveFinding, TEXT_WITH_IDENTIFIERS } from './profile.ts';
import { createKit, createScreen, type Kit, type Screen, USUAL_KIT } from './sensitive.ts';
import type { TaughtKind } from './taught.ts';
import { createTextScreen, type TextScreen } from './text/screen.ts';
import { createTyper, type Typer } from './types.ts';
import { isPlainText } from './values.ts';

/** The columns that the sender wants sealed and those that must stay plain, by name, whatever is found in them. */
export interface SealChoice {
  readonly seal: readonly string[];
  readonly plain: readonly string[];
}

/** What is looked for, and what becomes of it, where that is not the usual. */
export interface Detection {
  readonly policy: Policy;
  readonly taught: readonly TaughtKind[];
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
  readonly texts: TextScreen;
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
export function createInference(names: readonly string[], choice: SealChoice, detection?: Detection): Inference {
  const [seal, plain] = [choice.seal.map(normalName), choice.plain.map(normalName)];
  const known = new Set(names.map(normalName));
  const kit = detection ? kitOf(detection) : USUAL_KIT;
  const columns = names.map((name) => startColumn(name, seal, plain, kit));
  return {
    matched: new Set([...choice.seal, ...choice.plain].filter((name) => known.has(normalName(name)))),
    add(batch) {
      for (let c = 0; c < columns.length; c++) addCells(columns[c]!, batch, c);
    },
    finish() {
      const kinds = kindsOf(columns);
      return columns.map((column) => profile(column, kinds));
    },
  };
}

/** A file may have thousands of tables. */
const kits = new WeakMap<Detection, Kit>();

function kitOf(detection: Detection): Kit {
  const kit = kits.get(detection) ?? createKit(detection.policy, detection.taught);
  kits.set(detection, kit);
  return kit;
}

function normalName(name: string): string {
  return name.trim().toLowerCase();
}

function startColumn(name: string, seal: readonly string[], plain: readonly string[], kit: Kit): Column {
  const key = normalName(name);
  const asked = seal.includes(key) ? 'seal' : plain.includes(key) ? 'plain' : null;
  const parts = { typer: createTyper(), screen: createScreen(name, kit), texts: createTextScreen(kit.policy) };
  return { name, asked, ...parts, rows: 0, empty: 0, quotedEmpty: false, raws: false };
}

function addCells(column: Column, batch: Batch, c: number): void {
  const { typer, screen, texts } = column;
  const [cells, raws, glances] = [batch.columns[c]!, batch.raws?.[c], batch.glances?.[c]];
  column.rows += cells.length;
  typer.add(cells, glances);
  const empty = cells.length - screen.add(cells, glances);
  if (typer.holdsText && !screen.settled && empty < cells.length) texts.add(cells, batch.columns[c - 1], glances);
  column.empty += empty;
  if (empty > 0 && !column.quotedEmpty) column.quotedEmpty = cells.includes('');
  if (raws !== undefined && !column.raws) column.raws = raws.some((raw) => raw !== null);
}

const AS_TEXT = { type: 'text', format: null, unit: null, ambiguous: null } as const;

/** The kinds of which a column of the table is, as a whole and to be hidden. */
function kindsOf(columns: readonly Column[]): Set<string> {
  const found = columns.map(({ screen, typer }) => screen.finish(typer.finish().type));
  return new Set(found.flatMap((one) => (one && isHidden(one.decision) ? [one.kind] : [])));
}

/** `kinds` are those of which the table's columns are: what is like them stands in the wrong column, and is no chance. */
function profile(column: Column, kinds: ReadonlySet<string>): ColumnProfile {
  const { name, rows, empty, asked } = column;
  const typing = column.typer.finish();
  const inside = column.texts.finish(rows - empty, kinds);
  // A text in which an identifier stands remains one.
  const found = strongest(column.screen.finish(typing.type, inside ? undefined : kinds), inside);
  const sealed = asked === 'seal' || (asked === null && found?.decision === 'seal');
  const masked = asked === null && found?.decision === 'mask';
  const { type, format, unit, ambiguous } = sealed || masked ? AS_TEXT : typing;
  const typed = !isPlainText(type);
  return {
    ...{ name, type, format, unit, ambiguous, rows, empty, sealed },
    sealedBy: sealed ? (asked === 'seal' ? 'asked' : 'detected') : null,
    sensitive: found,
    masked,
    maskKind: sealed || masked ? maskKind(found, asked === 'seal') : null,
    // What is masked for good is kept nowhere beside it.
    rawDiffers:
      !masked &&
      !found?.within?.some(({ decision }) => decision === 'mask') &&
      (column.raws || (typed && (typing.differs || column.quotedEmpty))),
  };
}

const RANKS = { seal: 3, mask: 2, warn: 1, none: 0 } as const;

/** What the column is as a whole, or what stands inside its texts, if that weighs more. */
function strongest(whole: SensitiveFinding | null, inside: SensitiveFinding | null): SensitiveFinding | null {
  return RANKS[inside?.decision ?? 'none'] > RANKS[whole?.decision ?? 'none'] ? inside : whole;
}

/**
 * A column sealed on request is masked as what it was found to be, if it was; but all of a text, of which otherwise the
 * identifiers alone are masked.
 */
function maskKind(found: SensitiveFinding | null, wanted: boolean): string {
  if (found === null || found.decision === 'none') return 'generic';
  return wanted && found.kind === TEXT_WITH_IDENTIFIERS ? 'generic' : found.kind;
}
