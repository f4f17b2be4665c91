import type { Unrecognised } from './recogniser.ts';

const REASONS: Readonly<Record<Exclude<Unrecognised['reason'], 'not_installed'>, string>> = {
  off: ', which is not read. Run text recognition (OCR) on the document.',
  enough:
    ' behind as many as are recognised in one file. Split the document, or raise OCR_MAX_PAGES or PARSER_TIMEOUT_SECONDS.',
  failed: ' that could not be recognised within the memory and time for it. Scan it again with fewer dots to the inch.',
  nothing: ' in which no word was recognised. If it holds some, scan it again at 300 dots to the inch.',
};

/** The end of a sentence that says that a page is a picture of text: why it was not recognised, and what to do. */
export function whyUnrecognised(why: Unrecognised): string {
  if (why.reason !== 'not_installed') return REASONS[why.reason];
  const packages = why.missing.join(' and ');
  return `, which is not read without ${packages}. Install that with npm beside Intakt, or run text recognition (OCR) on the document.`;
}
