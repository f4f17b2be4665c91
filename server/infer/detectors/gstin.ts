import { areDigits, base36, DIGIT, LETTER, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';
import { testPan } from './pan.ts';

/**
 * GST identification numbers of India: a state's code (01–38, 97, 99), the holder's PAN, which registration of that PAN
 * in the state, a letter (`Z` by default) and a check character modulo 36 (GST Network, "GSTIN format").
 */
export const gstin: Detector = {
  kind: 'gstin',
  header: 'helps',
  first: DIGIT,
  last: DIGIT | LETTER,
  length: [15, 15],
  marks: WHOLE,
  test,
  chance: 1 / 36,
  names: [
    'gstin*',
    'gst no',
    'gst number',
    'gst num',
    'gst id',
    'gst registration number',
    'जीएसटीआईएन',
    'जीएसटी नंबर',
    'जीएसटी संख्या',
  ],
  hints: ['gst', 'जीएसटी'],
};

function test(text: string): Verdict {
  if (text.length !== 15 || !areDigits(text, 0, 2) || testPan(text, 2) === OTHER) return OTHER;
  const state = Number(text.slice(0, 2));
  const known = (state >= 1 && state <= 38) || state === 97 || state === 99;
  return known && testPan(text, 2) === VALID && hasCheck(text) ? VALID : SHAPED;
}

/** Every second character counts twice; of each product both digits to the base 36 are added. */
function hasCheck(text: string): boolean {
  let sum = 0;
  for (let i = 0; i < 14; i++) {
    const value = base36(text.charCodeAt(i));
    if (value < 0) return false;
    const product = value * (1 + (i & 1));
    sum += Math.floor(product / 36) + (product % 36);
  }
  return (sum + base36(text.charCodeAt(14))) % 36 === 0;
}
