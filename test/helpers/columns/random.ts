/** Seeded randomness for made-up columns: the same seed gives the same columns on every machine. */
export interface Random {
  /** A whole number from 0 to before `below`. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
  digits(count: number): string;
  /** Characters out of `alphabet`. */
  from(alphabet: string, count: number): string;
}

export const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Mulberry32, a small generator with a period of 2^32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * limit);
  };
  const from = (alphabet: string, count: number) =>
    Array.from({ length: count }, () => alphabet[below(alphabet.length)]).join('');
  return { below, from, pick: (list) => list[below(list.length)]!, digits: (count) => from('0123456789', count) };
}

/**
 * What a template gives: `{d6}` digits, `{A3}` capitals, `{a3}` small letters, `{X4}` capitals and digits, `{h8}` hexadecimal,
 * `{1-500}` a number in that range, `{01-12}` padded to as many digits, `{seq 1000}` numbers that count on, `{red|blue}`
 * one of these; the rest as it stands.
 */
export function fill(template: string, random: Random, row: number): string {
  return template.replace(/\{([^}]+)\}/g, (_, token: string) => {
    if (token.includes('|')) return random.pick(token.split('|'));
    if (token.startsWith('seq ')) return String(Number(token.slice(4)) + row);
    const range = /^(\d+)-(\d+)$/.exec(token);
    if (range) {
      const [low, high] = [Number(range[1]), Number(range[2])];
      return String(low + random.below(high - low + 1)).padStart(range[1]!.length, '0');
    }
    return random.from(ALPHABETS[token[0]!]!, Number(token.slice(1)));
  });
}

const ALPHABETS: Readonly<Record<string, string>> = {
  d: '0123456789',
  A: UPPER,
  a: UPPER.toLowerCase(),
  X: `${UPPER}0123456789`,
  h: '0123456789abcdef',
};
