/**
 * Seals values into Fernet tokens and opens them again (https://github.com/fernet/spec, version 0x80): AES-128-CBC and
 * HMAC-SHA-256 under one 32-byte key, each token with its own random IV. Two implementations, `createNodeSealer` and
 * `createWasmSealer`, give interchangeable tokens; each is the other's oracle in the tests.
 */
export interface Sealer {
  /** One token for each value (UTF-8), in order. `now` is the tokens' timestamp in whole seconds since 1970. */
  seal(values: readonly string[], now: number): string[];
  /**
   * The value of each token, in order.
   * @throws Problem `token_invalid`, naming the index of the first token that is malformed or does not authenticate;
   * no value is returned then.
   */
  open(tokens: readonly string[]): string[];
}
