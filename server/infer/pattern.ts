/** A pattern of the safe subset, ready to match. It matches whole texts of ASCII and other letters alike. */
export interface Pattern {
  /** Length of the shortest and the longest text that can match, in UTF-16 units. */
  readonly length: readonly [shortest: number, longest: number];
  /** Whether the pattern matches the whole text. It takes at most text × places steps, whatever the text. */
  readonly matches: (text: string) => boolean;
}

/** One character of the pattern: which ones it can be, and whether it may be missing. */
interface Place {
  readonly takes: (code: number) => boolean;
  readonly optional: boolean;
}

const MOST_PLACES = 128;
const CLASSES: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: ' \t' };
const LINE_ENDS = [10, 13, 0x2028, 0x2029];
const ATOM = /\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|([^[\]\\{}()*+?|^$.])|(\.)/y;
const REPEAT = /\{(\d{1,3})(?:,(\d{1,3}))?\}|\?/y;

/**
 * Reads a pattern of a subset of regular expressions: characters, `.`, `\d`, `\w`, `\s` (space, tab), classes (`[A-Z0-9-]`, `[^0]`), each
 * once, `{3}`, `{2,5}` or `?` times, up to 128 characters in all. There are no alternatives, groups or endless
 * repetitions, so that a match costs no more than the length of the text times that of the pattern.
 * @throws SyntaxError that says what is wrong and where.
 */
export function readPattern(source: string): Pattern {
  const places: Place[] = [];
  let at = 0;
  while (at < source.length) {
    ATOM.lastIndex = at;
    const atom = ATOM.exec(source);
    if (!atom) throw new SyntaxError(`at character ${at + 1}, "${source[at]}" is not part of the pattern language`);
    at = ATOM.lastIndex;
    REPEAT.lastIndex = at;
    const repeat = REPEAT.exec(source);
    if (repeat) at = REPEAT.lastIndex;
    const [least, most] = !repeat
      ? [1, 1]
      : repeat[0] === '?'
        ? [0, 1]
        : [Number(repeat[1]), Number(repeat[2] ?? repeat[1])];
    if (least > most) throw new SyntaxError(`"${repeat![0]}" ends before it begins`);
    const takes = readAtom(atom);
    if (places.length + most > MOST_PLACES) throw new SyntaxError(`it is longer than ${MOST_PLACES} characters`);
    for (let i = 0; i < most; i++) places.push({ takes, optional: i >= least });
  }
  if (places.every(({ optional }) => optional)) throw new SyntaxError('it would match an empty text');
  const shortest = places.filter(({ optional }) => !optional).length;
  return { length: [shortest, places.length], matches: (text) => matches(places, shortest, text) };
}

function readAtom([, negated, members, escaped, literal, any]: RegExpExecArray): Place['takes'] {
  if (any !== undefined) return (code) => !LINE_ENDS.includes(code);
  if (literal !== undefined) return sole(literal);
  if (members === undefined) return Object.hasOwn(CLASSES, escaped!) ? readClass(CLASSES[escaped!]!) : sole(escaped!);
  const expanded = members.replace(/\\(.)/g, (_, character: string) =>
    Object.hasOwn(CLASSES, character) ? CLASSES[character]! : `\\${character}`,
  );
  const takes = readClass(expanded);
  return negated === '' ? takes : (code) => !takes(code);
}

const sole = (character: string): Place['takes'] => {
  const wanted = character.charCodeAt(0);
  return (code) => code === wanted;
};

/** The members of a class: characters, some with a backslash before them, and ranges. */
function readClass(members: string): Place['takes'] {
  const ranges: [number, number][] = [];
  for (const [, from, to] of members.matchAll(/(\\.|[^\\])(?:-(\\.|[^\\]))?/gs)) {
    const [first, last] = [from!.charCodeAt(from!.length - 1), (to ?? from!).charCodeAt((to ?? from!).length - 1)];
    if (last < first) throw new SyntaxError(`the range "${from}-${to}" ends before it begins`);
    ranges.push([first, last]);
  }
  return (code) => ranges.some(([first, last]) => code >= first && code <= last);
}

/** All the places that can be reached are followed at once, so nothing is tried twice. */
function matches(places: readonly Place[], shortest: number, text: string): boolean {
  if (text.length < shortest || text.length > places.length) return false;
  let [reached, next] = [new Uint8Array(places.length + 1), new Uint8Array(places.length + 1)];
  reached[0] = 1;
  skipOptional(places, reached);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    next.fill(0);
    for (let p = 0; p < places.length; p++) if (reached[p] === 1 && places[p]!.takes(code)) next[p + 1] = 1;
    skipOptional(places, next);
    [reached, next] = [next, reached];
  }
  return reached[places.length] === 1;
}

function skipOptional(places: readonly Place[], reached: Uint8Array): void {
  for (let p = 0; p < places.length; p++) if (reached[p] === 1 && places[p]!.optional) reached[p + 1] = 1;
}
