import type { SensitiveKind } from './profile.ts';

/**
 * What becomes of a column of each kind that is found beyond doubt: identifiers are sealed; what people need for their
 * daily work (how to reach someone, what they are called) is reported and stays plain unless the sender has it sealed.
 */
export const POLICY: Readonly<Record<SensitiveKind, 'seal' | 'warn'>> = {
  aadhaar: 'seal',
  aadhaar_vid: 'seal',
  pan: 'seal',
  gstin: 'seal',
  passport: 'seal',
  voter_id: 'seal',
  driving_licence: 'seal',
  upi_id: 'seal',
  ifsc: 'warn',
  bank_account: 'seal',
  payment_card: 'seal',
  iban: 'seal',
  us_ssn: 'seal',
  uk_nino: 'seal',
  de_tax_id: 'seal',
  de_pension_insurance: 'seal',
  email: 'warn',
  phone: 'warn',
  person_name: 'warn',
  postal_address: 'warn',
  birth_date: 'warn',
  ip_address: 'warn',
};
