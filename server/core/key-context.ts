/** What a wrapped key is for. */
export type KeyKind = 'workspace' | 'fernet' | 'file' | 'dataset' | 'database' | 'totp' | 'challenge';

/** What a wrapped key belongs to. The same must be given to unwrap it, so no key can be passed off as another. */
export interface KeyContext {
  readonly kind: KeyKind;
  /** Id of the workspace; empty for what belongs to the whole installation. */
  readonly workspace: string;
  /** Id of the thing that the key encrypts. */
  readonly id: string;
}
