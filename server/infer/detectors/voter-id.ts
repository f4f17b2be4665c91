import { areDigits, areLetters, DIGIT, LETTER, OTHER_MARK, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

/**
 * Numbers of the Indian voter's card (EPIC): three letters and seven digits (Election Commission of India, "Unique EPIC
 * numbers", 2000; the rule of the last digit is not public), or the older `AA/99/999/999999`. Article codes look the
 * same, so that a header is needed.
 */
export const voterId: Detector = {
  kind: 'voter_id',
  header: 'needed',
  first: LETTER,
  last: DIGIT,
  length: [10, 18],
  marks: WHOLE | OTHER_MARK,
  test,
  chance: 0.8,
  names: [
    ...['voter id', 'voterid*', 'voter no', 'voter number', 'voter card', 'voters id', 'voter identity', 'epic no'],
    ...['epic number', 'epic id', 'elector id', 'electors photo identity', 'election card', 'wähler id'],
    ...['मतदाता पहचान*', 'मतदाता आईडी', 'मतदाता संख्या', 'वोटर आईडी', 'वोटर कार्ड', 'matdata pahchan', 'wählernummer'],
  ],
  hints: ['epic', 'voter', 'elector', 'मतदाता'],
};

function test(text: string): Verdict {
  if (text.length === 10 && areLetters(text, 0, 3) && areDigits(text, 3, 10)) return VALID;
  return /^[A-Z]{2}\/\d{2}\/\d{3}\/\d{6,7}$/i.test(text) ? SHAPED : OTHER;
}
