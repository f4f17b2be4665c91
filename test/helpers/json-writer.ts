/** A JSON value as it is to be written: a number by its text, an object by its members, so that keys may repeat. */
export type Json = null | boolean | string | { readonly number: string } | Json[] | Members;

/** The members of an object, in order. */
export class Members {
  readonly list: readonly (readonly [key: string, value: Json])[];

  constructor(list: readonly (readonly [key: string, value: Json])[]) {
    this.list = list;
  }
}

/** Says what a writer is free to choose: a number below `count`, from 0. */
export type Choose = (count: number) => number;

/** The choices of a seed: the same ones each time they are made anew. */
export function chooserOf(seed: number): Choose {
  let state = seed >>> 0;
  return (count) => {
    // A linear congruential generator (Numerical Recipes); its high bits are the better ones.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % count;
  };
}

const SPACES = ['', '', '', ' ', '\n', '\t', '\r\n', '  \n  '];
/** The same for a value that must stay on its line. */
const SPACES_IN_LINE = ['', '', '', ' ', '\t', '  '];
const SHORT: Readonly<Record<string, string>> = {
  ...{ '"': '\\"', '\\': '\\\\', '/': '\\/', '\b': '\\b' },
  ...{ '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t' },
};

/**
 * One of the many texts of a value: white space and escapes are where `choose` says; none breaks the line if `inLine`.
 * `texts` gets the text of every array and object in it.
 */
export function writeJson(value: Json, choose: Choose, inLine = false, texts = new Map<Json, string>()): string {
  const spaces = inLine ? SPACES_IN_LINE : SPACES;
  const space = () => spaces[choose(spaces.length)]!;
  const join = (json: Json, open: string, items: string[], close: string) => {
    const text = open + space() + items.join(`${space()},${space()}`) + space() + close;
    texts.set(json, text);
    return text;
  };
  const write = (json: Json): string => {
    if (typeof json === 'string') return writeString(json, choose);
    if (json === null || typeof json === 'boolean') return String(json);
    if (Array.isArray(json)) return join(json, '[', json.map(write), ']');
    if (!(json instanceof Members)) return json.number;
    const member = ([key, of]: readonly [string, Json]) =>
      `${writeString(key, choose)}${space()}:${space()}${write(of)}`;
    return join(json, '{', json.list.map(member), '}');
  };
  return write(value);
}

function writeString(text: string, choose: Choose): string {
  let written = '';
  for (const char of text) {
    const units = char.split('');
    const mustEscape = char < ' ' || char === '"' || char === '\\' || !char.isWellFormed();
    const form = choose(8);
    if (SHORT[char] && form < 4 && (mustEscape || form === 0)) written += SHORT[char];
    else if (mustEscape || form === 0) written += units.map((unit) => hexEscape(unit, choose)).join('');
    else written += char;
  }
  return `"${written}"`;
}

function hexEscape(unit: string, choose: Choose): string {
  const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
  return `\\u${choose(2) === 0 ? hex : hex.toUpperCase()}`;
}
