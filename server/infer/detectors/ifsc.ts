import { areLetters, DIGIT, LETTER, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

/** Codes of the larger banks (Reserve Bank of India, list of IFSC). */
const BANKS = new Set(
  [
    'ABHY AIRP AUBL BARB BCBM BDBL BKID CBIN CITI CIUB CLBL CNRB COSB CSBK DBSS DCBL DEUT DLXB ESAF ESFB FDRL FINO FSFB',
    'HDFC HSBC IBKL ICIC IDFB IDIB INDB IOBA IPOS JAKA JIOP JSFB KARB KKBK KVBL MAHB NESF NKGS PSIB PUNB PYTM RATN SBIN SCBL',
    'SIBL SRCB STCB SVCB TJSB TMBL UBIN UCBA UJVN USFB UTIB UTKS YESB APGB APBL MSCI KSCB GSCB NTBL SURY UTBI ORBC ANDB ALLA',
    'SYNB CORP VIJB BKDN LAVB',
  ].flatMap((line) => line.split(' ')),
);
const ZERO = 48;

/**
 * Codes of Indian bank branches (IFSC): four letters of the bank, a zero, six letters or digits (Reserve Bank of India,
 * NEFT frequently asked questions). They tell of an account's branch, not of a person, and are therefore never sealed
 * unasked. A bank that is not in the list is of the shape only.
 */
export const ifsc: Detector = {
  kind: 'ifsc',
  header: 'helps',
  first: LETTER,
  last: LETTER | DIGIT,
  length: [11, 11],
  marks: WHOLE,
  test,
  chance: 0.01,
  names: ['ifsc*', 'ifs code', 'आईएफएससी*'],
  hints: ['branch code', 'bank code', 'neft', 'rtgs'],
};

function test(value: string): Verdict {
  if (value.charCodeAt(4) !== ZERO || !areLetters(value, 0, 4) || !/^[A-Z0-9]{6}$/i.test(value.slice(5))) return OTHER;
  return BANKS.has(value.slice(0, 4).toUpperCase()) ? VALID : SHAPED;
}
