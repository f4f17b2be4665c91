import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { uniqueNames } from '../column-names.ts';
import type { Encoding } from '../encoding.ts';
import type { ReadEvent } from '../format.ts';
import { walkObject } from './container.ts';
import { FAULTS, faultProblem, locate } from './fault.ts';
import { pathName } from './keys.ts';
import { createRest, type RestTable } from './rest.ts';
import type { Separation } from './scanner.ts';
import { type Surveying, surveyTable } from './survey.ts';
import type { TablePlan } from './table.ts';
import { takeValue } from './take.ts';
import { isSpace, type JsonText, openText, peek } from './text.ts';

/** How the values stand in a file: one array, one object, or several values, each a row. */
export type Layout = 'array' | 'object' | Exclude<Separation, 'array'>;

/** What a file holds. */
export interface Plan {
  readonly layout: Layout;
  readonly tables: readonly TablePlan[];
  /** What an object holds beside its tables. */
  readonly rest: RestTable | null;
}

/** A file that is looked at for the first time. */
export interface Planning extends Surveying {
  readonly source: Source;
  readonly encoding: Encoding;
  readonly name: string;
}

/** Tables in one file: each becomes a dataset. */
const MAX_TABLES = 1000;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;
const LF = 0x0a;
const RS = 0x1e;

/**
 * Reads all of a file to learn what tables it holds.
 *
 * A file that begins with RS is a text sequence. One whose name says so (.ndjson, .jsonl) is lines, unless it begins
 * with an array or with a brace alone on its line. Any other is one value, or, if there are more, lines when the first
 * value and nothing else stands on its line, and otherwise values one behind the other.
 * @throws Problem `json_invalid`, `json_too_deep`, `not_a_table`, `too_many_columns`, `cell_too_large`,
 * `encoding_invalid`.
 */
export async function* planFile(planning: Planning): AsyncGenerator<ReadEvent, Plan> {
  const text = openPlanned(planning);
  try {
    const first = await peek(text);
    if (first === -1) throw new Problem('not_a_table', 'The file is empty. Send one with rows.');
    if (first === RS) return yield* planRecords(planning, 'sequence');
    if (first !== OPEN_ARRAY && /\.(?:ndjson|jsonl)$/i.test(planning.name) && !isLoneBrace(text)) {
      return yield* planRecords(planning, 'lines');
    }
    return yield* planValues(planning, text, first);
  } finally {
    await text.close();
  }
}

function openPlanned({ source, encoding, options }: Planning): JsonText {
  return openText(source, encoding, options.limits);
}

/** Whether the window stands at a brace behind which the line ends, as in JSON that is indented. */
function isLoneBrace({ window: { bytes, start, end } }: JsonText): boolean {
  let at = start + 1;
  while (at < end && bytes[at] !== LF && isSpace(bytes[at]!)) at++;
  return bytes[start] === OPEN_OBJECT && bytes[at] === LF;
}

async function* planRecords(planning: Planning, separation: Exclude<Separation, 'array'>) {
  const text = openPlanned(planning);
  try {
    const table = yield* surveyTable(text, separation, planning.name, planning);
    return { layout: separation, tables: [table], rest: null };
  } finally {
    await text.close();
  }
}

/** The plan of a file whose first value, which begins with the byte `first`, is all of it or is followed by others. */
async function* planValues(planning: Planning, text: JsonText, first: number): AsyncGenerator<ReadEvent, Plan> {
  const start = text.offset(text.window.start);
  let plan: Plan | Problem;
  try {
    plan = yield* planValue(planning, text, first);
  } catch (error) {
    // A value that makes no table may still be a row.
    if (!(error instanceof Problem) || !MAY_BE_A_ROW.includes(error.code)) throw error;
    plan = error;
  }
  const separation = await (plan instanceof Problem
    ? separationAnew(planning, first, start)
    : separationBehind(planning, text, first, start));
  if (separation) return yield* planRecords(planning, separation);
  if (plan instanceof Problem) throw plan;
  return plan;
}

const MAY_BE_A_ROW: readonly string[] = ['not_a_table', 'too_many_columns', 'cell_too_large', 'encoding_invalid'];

async function* planValue(planning: Planning, text: JsonText, first: number): AsyncGenerator<ReadEvent, Plan> {
  if (first === OPEN_OBJECT) return yield* planObject(planning, text);
  if (first !== OPEN_ARRAY) {
    await takeValue(text);
    throw new Problem('not_a_table', 'The file holds a single value. Send an array, or an object with members.');
  }
  text.window.start++;
  const table = yield* surveyTable(text, 'array', planning.name, planning);
  return { layout: 'array', tables: [table], rest: null };
}

async function* planObject(planning: Planning, text: JsonText): AsyncGenerator<ReadEvent, Plan> {
  const { options, encoding } = planning;
  const rest = createRest(options.limits, text.longest, encoding.label);
  const path: string[] = [];
  const tables: TablePlan[] = [];
  for await (const step of walkObject(text)) {
    if (step.type === 'value') rest.value(step.key, step.value);
    else if (step.type === 'array') {
      if (tables.length === MAX_TABLES) throw tooManyTables();
      tables.push(yield* surveyTable(text, 'array', pathName([...path, step.key]), planning));
    } else if (step.type === 'enter') {
      rest.enter(step.key);
      path.push(step.key);
    } else {
      rest.leave();
      path.pop();
    }
  }
  const restTable = rest.finish(tables.length === 0);
  if (tables.length === 0 && !restTable) throw new Problem('not_a_table', 'The object of the file has no members.');
  const names = uniqueNames(tables.map(({ name }) => name));
  return { layout: 'object', tables: tables.map((table, i) => ({ ...table, name: names[i]! })), rest: restTable };
}

/**
 * How the values of the file are separated, the first of which reaches from `start` to where the window stands; `null`
 * when it is the only one.
 */
async function separationBehind(planning: Planning, text: JsonText, first: number, start: number) {
  const { source, encoding } = planning;
  const end = text.offset(text.window.start);
  const next = await peek(text);
  if (next === -1) return null;
  const at = text.offset(text.window.start);
  if (kindOf(next) !== kindOf(first)) throw await faultProblem(source, encoding, FAULTS.textBehind, at);
  const lineOf = async (offset: number) => (await locate(source, encoding, offset)).line;
  const line = await lineOf(start);
  return line === (await lineOf(end)) && line < (await lineOf(at)) ? 'lines' : 'concatenated';
}

/** The same for a first value that was not read to its end. */
async function separationAnew(planning: Planning, first: number, start: number) {
  const text = openPlanned(planning);
  try {
    await peek(text);
    await takeValue(text);
    return await separationBehind(planning, text, first, start);
  } finally {
    await text.close();
  }
}

/** What a value is that begins with this byte; `other` when none does. */
function kindOf(byte: number): string {
  if (byte === OPEN_OBJECT) return 'object';
  if (byte === OPEN_ARRAY) return 'array';
  return /["\-\dtfn]/.test(String.fromCharCode(byte)) ? 'scalar' : 'other';
}

function tooManyTables(): Problem {
  const detail = `The file has more than ${MAX_TABLES} arrays of objects, each a table. Send an array of rows instead.`;
  return new Problem('not_a_table', detail);
}
