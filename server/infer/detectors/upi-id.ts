import { AT, DIGIT, LETTER } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

/** Handles of banks and payment apps (NPCI, "UPI third-party apps and handles", and the apps' own pages). */
const HANDLES = new Set(
  [
    'okaxis okhdfcbank okicici oksbi okbizaxis ybl ibl axl paytm ptaxis pthdfc ptsbi ptyes upi apl yapl rapl jio airtel',
    'airtelpaymentsbank freecharge ikwik mobikwik slice sliceaxis naviaxis timecosmos superyes yespay yesbank yesg jupiteraxis',
    'fam waaxis wahdfcbank waicici wasbi tapicici goaxb abfspay axisb axisbank axis hdfcbank hdfcbankjd payzapp icici pockets',
    'sbi sbiyono kotak kmbl kaypay idfc idfcbank idfcfirst idfcnetc federal fbl fifederal indus indianbank iob cnrb',
    'barodampay mahb pnb unionbank unionbankofindia uboi boi centralbank cboi uco ucobank psb dbs hsbc citi citigold sc scb rbl',
    'rmrbl dlb kvb kbl cub tjsb dcb nsdl aubank equitas utbi idbi myicici oksbp ezeepay eazypay postbank ippb amazonpay trans',
    'pingpay shriramhdfcbank tmb',
  ].flatMap((line) => line.split(' ')),
);
const LONGEST_HANDLE = 20;
const AT_SIGN = 64;

/**
 * UPI ids: a name, `@` and the handle of a bank or payment app, which unlike an e-mail's domain has no dot (NPCI, UPI
 * procedural guidelines, "virtual payment address"). A handle that is not in the list is of the shape only.
 */
export const upiId: Detector = {
  kind: 'upi_id',
  header: 'helps',
  first: LETTER | DIGIT,
  last: LETTER,
  length: [7, 64],
  marks: AT,
  test,
  chance: 0.05,
  names: ['upi*', 'vpa', 'vpa id', 'virtual payment address', 'यूपीआई*'],
  hints: ['gpay', 'phonepe', 'bhim', 'payment address', 'भुगतान पता'],
};

function test(value: string): Verdict {
  const at = startOfHandle(value);
  if (at < 3 || at === value.length || !/^[A-Za-z0-9._-]+@$/.test(value.slice(0, at))) return OTHER;
  const handle = value.slice(at).toLowerCase();
  if (HANDLES.has(handle)) return VALID;
  return /^[a-z]/.test(handle) ? SHAPED : OTHER;
}

/** The index after the `@` that only letters and digits follow, or 0. */
function startOfHandle(value: string): number {
  for (let i = value.length - 1; i >= 0 && value.length - i <= LONGEST_HANDLE; i--) {
    const code = value.charCodeAt(i);
    if (code === AT_SIGN) return i + 1;
    const letter = code | 0x20;
    if (!((letter >= 97 && letter <= 122) || (code >= 48 && code <= 57))) return 0;
  }
  return 0;
}
