import { parseArgs } from 'node:util';
import type { Io } from './io.ts';

/** A mistake in how a command was called; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a command may be told by name. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: true;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** The options of a call, by their names. */
export type Values<O extends Options> = {
  readonly [N in keyof O]?: O[N]['type'] extends 'boolean' ? true : O[N] extends { multiple: true } ? string[] : string;
};

/** A command as it was called. */
export interface Call<O extends Options = Options> {
  readonly args: readonly string[];
  readonly options: Values<O>;
  readonly io: Io;
}

/** A command of `intakt`. */
export interface Command<O extends Options = Options> {
  readonly summary: string;
  /** Its arguments, as the help shows them; those in brackets may be left out, and dots take several. */
  readonly args: string;
  readonly options: O;
  /** Resolves with its exit code. */
  run(call: Call<O>): Promise<number>;
}

/** A command with the types of its options taken from their table. */
export const command = <const O extends Options>(spec: Command<O>): Command => spec as unknown as Command;

const COMMON: Options = {
  json: { type: 'boolean', help: 'Write JSON: one document, or one a line where there are several.' },
  help: { type: 'boolean', short: 'h', help: 'Show this.' },
};

/** Options of every command that shows a page. */
export const paging = {
  limit: { type: 'string', value: 'N', help: 'Show at most N.' },
  offset: { type: 'string', value: 'N', help: 'Leave out the first N.' },
} as const satisfies Options;

/** @throws UsageError when the call is not one that the command understands. */
export function parseCall({ args, options }: Command, argv: readonly string[]) {
  const { values, positionals } = parseOptions(argv, { ...options, ...COMMON });
  const words = args.split(' ').filter(Boolean);
  const least = words.filter((word) => !word.startsWith('[')).length;
  const most = args.includes('...') ? Number.POSITIVE_INFINITY : words.length;
  if (!values.help && positionals.length < least)
    throw new UsageError(`${words[positionals.length]!.replace('...', '')} is missing.`);
  if (positionals.length > most) throw new UsageError(`"${positionals[most]}" is one argument too many.`);
  return {
    args: positionals,
    options: values as Values<Options>,
    json: values.json === true,
    help: values.help === true,
  };
}

function parseOptions(
  argv: readonly string[],
  options: Options,
): { values: Readonly<Record<string, unknown>>; positionals: string[] } {
  try {
    const known = Object.entries(options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short && { short }), ...(multiple && { multiple }) },
    ]);
    return parseArgs({ args: [...argv], options: Object.fromEntries(known), allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ', 1)[0]!.replace(/\.?$/, '.'));
  }
}

/** The help of one command. */
export function helpOf(name: string, { summary, args, options }: Command): string {
  const rows = Object.entries({ ...options, ...COMMON }).map(([option, { short, value, help }]) => [
    `  ${short ? `-${short}, ` : ''}--${option}${value ? ` ${value}` : ''}`,
    help,
  ]);
  const width = Math.max(...rows.map(([left]) => left!.length));
  const lines = rows.map(([left, help]) => `${left!.padEnd(width)}  ${help}`);
  return [summary, '', `Usage: ${['intakt', name, args].filter(Boolean).join(' ')} [options]`, '', ...lines].join('\n');
}

/** The whole number, not below 0, that an option gives. @throws UsageError for anything else. */
export function toNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${option} must be a whole number.`);
  return Number(text);
}

/** The one of `allowed` that an option gives. @throws UsageError for anything else. */
export function toChoice<T extends string>(option: string, text: string | undefined, allowed: readonly T[]) {
  const found = allowed.find((one) => one === text);
  if (text !== undefined && found === undefined)
    throw new UsageError(`--${option} must be ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}.`);
  return found;
}
