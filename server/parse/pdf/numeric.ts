const NUMBER = /^[([]?[-+−–]?[₹$€£]?[-+−–]?(?:\d[\d,. '’]*|\.\d+)[)\]]?[%*†‡a-z]?$/i;
const ABSENT = /^(?:[-–—.…*]{1,3}|n\/?a|\(?[a-z]\)|nil)$/i;

/** Whether a text is a number as tables write them, with signs, separators, percent or the mark of a footnote. */
export function isNumeric(text: string): boolean {
  return text.length <= 40 && NUMBER.test(text);
}

/** Whether a text is a number or stands for one that is missing. */
export function isNumericOrAbsent(text: string): boolean {
  return isNumeric(text) || ABSENT.test(text);
}
