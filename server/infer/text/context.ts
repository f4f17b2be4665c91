import type { Detector } from '../detectors/detector.ts';

/** How far before a number the word may stand that says what it is. */
const REACH = 32;

/**
 * Tells whether one of a detector's words stands shortly before the place `at` of a text: `my Aadhaar no. is 2345…`. They
 * are the words of columns' names, whole, or at the beginning of one where they end in a star.
 */
export function createContext({
  names,
  hints,
}: Pick<Detector, 'names' | 'hints'>): (text: string, at: number) => boolean {
  let words: RegExp | undefined;
  // Made when it is first asked: all of them together are a tenth of what a process takes to start.
  return (text, at) => {
    words ??= beforeNumber([...names, ...hints]);
    return words.test(text.slice(Math.max(0, at - REACH), at));
  };
}

function beforeNumber(words: readonly string[]): RegExp {
  const phrases = words.filter((phrase) => !phrase.startsWith('=')).map(pattern);
  return new RegExp(`(?<![\\p{L}\\p{M}\\p{N}])(?:${phrases.join('|')})`, 'iu');
}

function pattern(phrase: string): string {
  const words = phrase.replace('*', '').replaceAll(' ', '[ _.:/-]{0,2}');
  return phrase.endsWith('*') ? words : `${words}(?![\\p{L}\\p{M}])`;
}

const OTHER_NUMBERS =
  /(?:order|ref|reference|tracking|invoice|parcel|awb|shipment|consignment|ticket|case|claim|isbn|issn|imei|ean|upc|gtin|sku|serial|batch|lot|voucher|coupon|transaction|txn|utr|rechnung|auftrag|bestellung|sendung)s?(?:[ _-]?(?:no|number|id|nr|code)\.?)?[ :=#-]{1,3}$/i;

/** Whether the word right before the place `at` of a text says that what follows is another kind of number. */
export function isOtherNumber(text: string, at: number): boolean {
  return OTHER_NUMBERS.test(text.slice(Math.max(0, at - REACH), at));
}
