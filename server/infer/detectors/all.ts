import { aadhaar } from './aadhaar.ts';
import { aadhaarVid } from './aadhaar-vid.ts';
import { bankAccount } from './bank-account.ts';
import { birthDate } from './birth-date.ts';
import { dePensionInsurance } from './de-pension-insurance.ts';
import { deTaxId } from './de-tax-id.ts';
import type { Detector } from './detector.ts';
import { drivingLicence } from './driving-licence.ts';
import { email } from './email.ts';
import { gstin } from './gstin.ts';
import { iban } from './iban.ts';
import { ifsc } from './ifsc.ts';
import { ipv4, ipv6 } from './ip-address.ts';
import { pan } from './pan.ts';
import { passport } from './passport.ts';
import { paymentCard } from './payment-card.ts';
import { personName } from './person-name.ts';
import { internationalPhone, nationalPhone } from './phone.ts';
import { postalAddress } from './postal-address.ts';
import { ukNino } from './uk-nino.ts';
import { upiId } from './upi-id.ts';
import { usSsn } from './us-ssn.ts';
import { voterId } from './voter-id.ts';

/** Every detector. Their order does not matter: the strongest finding wins. */
export const DETECTORS: readonly Detector[] = [
  ...[aadhaar, aadhaarVid, pan, gstin, passport, voterId, drivingLicence, upiId, ifsc, bankAccount, paymentCard, iban],
  ...[usSsn, ukNino, deTaxId, dePensionInsurance],
  ...[email, internationalPhone, nationalPhone, personName, postalAddress, birthDate, ipv4, ipv6],
];
