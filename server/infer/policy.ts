import { SENSITIVE_KINDS, type SensitiveKind } from './profile.ts';

/**
 * What becomes of a column of a kind that is found beyond doubt. `seal`: its values are replaced by tokens. `mask`: by their
 * masks, for good: nobody can reveal them, only the original file still has them. `warn`: it is reported and stays plain.
 * `leave`: it is not looked for.
 */
export type Treatment = 'seal' | 'mask' | 'warn' | 'leave';

/** Every treatment, in the order of the documentation. */
export const TREATMENTS = ['seal', 'mask', 'warn', 'leave'] as const satisfies readonly Treatment[];

/** Treatments by kind, also of taught ones; kinds that are not named keep the treatment of `POLICY`, taught ones are sealed. */
export type Policy = Readonly<Record<string, Treatment>>;

/**
 * What becomes of each kind unless a policy says otherwise: identifiers are sealed; what people need for their daily work
 * (how to reach someone, what they are called) is reported and stays plain unless the sender has it sealed.
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

/** What becomes of a kind under a policy. */
export function treatmentOf(policy: Policy, kind: string): Treatment {
  if (Object.hasOwn(policy, kind)) return policy[kind]!;
  return (SENSITIVE_KINDS as readonly string[]).includes(kind) ? POLICY[kind as SensitiveKind] : 'seal';
}

/** Whether values of a kind do not lie in plain: they are sealed or masked. */
export function isHidden(treatment: Treatment | 'none'): treatment is 'seal' | 'mask' {
  return treatment === 'seal' || treatment === 'mask';
}
