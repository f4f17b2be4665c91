import { ANY_MARK, DIGIT, LETTER } from './characters.ts';
import { type Detector, OTHER, VALID, type Verdict } from './detector.ts';

const NUMERIC =
  /^(?:\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2}|(?:\d{1,2}[-/. ]\d{1,2}[-/. ])?(?:19|20)\d{2}|(?:19|20)\d{2}[-/.]?\d{1,2}[-/.]?\d{1,2}(?:[T ][\d:.]+Z?)?)$/;
const WRITTEN = /^\d{1,2}(?:st|nd|rd|th)?[ -.]{1,2}\p{L}{3,10}[ -.,]{1,2}\d{2,4}$|^\p{L}{3,10}\.? \d{1,2},? \d{4}$/u;

/** Dates of birth, below a header that says so: dates in figures or with the month's name, or a year from 1900 on. */
export const birthDate: Detector = {
  kind: 'birth_date',
  header: 'needed',
  first: DIGIT | LETTER,
  last: DIGIT | LETTER,
  length: [4, 30],
  marks: ANY_MARK,
  test,
  chance: 1,
  names: [
    ...[
      'dob',
      'd o b',
      'date of birth',
      'birth date',
      'birth day',
      'birthday*',
      'birthdate*',
      'birth year',
      'year of birth',
    ],
    ...[
      '=born',
      'born on',
      'date born',
      'geburtsdatum*',
      'geburtstag*',
      'geburtsjahr',
      'geb datum',
      '=geboren',
      'geboren am',
    ],
    ...[
      'जन्म तिथि',
      'जन्मतिथि',
      'जन्म तारीख',
      'जन्मदिन',
      'janm tithi',
      'janam tithi',
      'janma tithi',
      'janm din',
      'naissance',
    ],
    ...['fecha de nacimiento', 'date de naissance'],
  ],
  hints: ['birth', 'जन्म', 'geburt'],
};

function test(value: string): Verdict {
  return NUMERIC.test(value) || WRITTEN.test(value) ? VALID : OTHER;
}
