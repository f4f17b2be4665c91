import { readFileSync } from 'node:fs';

/**
 * The WebAssembly module of `wasm/`: Fernet tokens and HMACs of many short texts at once. One instance a thread with
 * 1 MiB of fixed memory, all of it scratch: a caller sets the key's states, makes its calls without awaiting in between,
 * and wipes. The fields in capitals are offsets into `memory`; `wasm/memory.ts` says what lies there.
 */
export interface Lanes extends Exports {
  readonly memory: Buffer;
  /** The HMAC-SHA-256 states of a key of at most 64 bytes, to be kept by the caller and put into `memory` at `STATES`. */
  stateOf(key: Uint8Array): Buffer;
}

type Exports = {
  readonly [name in
    | 'BLOCKS'
    | 'CIPHER'
    | 'IVS'
    | 'LENGTHS'
    | 'MAX_VALUES'
    | 'NUMBERS'
    | 'STATES'
    | 'TEXT'
    | 'VALID']: number;
} & {
  layOut(count: number, blocks: number): void;
  chain(count: number, position: number): void;
  finishSeal(count: number, blocks: number, timeHigh: number, timeLow: number): void;
  authenticate(count: number, blocks: number): void;
  finishOpen(count: number, blocks: number): number;
  prepare(): void;
  hmacTexts(count: number): void;
  isNormal(size: number): 0 | 1;
  wipe(count: number, blocks: number, textBytes: number): void;
};

/** The little we use of https://webassembly.github.io/spec/js-api; TypeScript has it among the browser's types only. */
declare const WebAssembly: {
  validate(binary: Uint8Array): boolean;
  Module: new (binary: Uint8Array) => object;
  Instance: new (module: object) => { exports: Record<string, unknown> };
  Global: new () => { value: number };
};

let loaded: Lanes | null | undefined;

/** This thread's instance, or `null` where the runtime has no WebAssembly SIMD. Compiled at the first call. */
export function loadLanes(): Lanes | null {
  if (loaded === undefined) loaded = instantiate(readFileSync(new URL('./wasm/lanes.wasm', import.meta.url)));
  return loaded;
}

function instantiate(binary: Uint8Array): Lanes | null {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(binary)) return null;
  const exported = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports;
  const values = Object.entries(exported).map(([name, item]) => [
    name,
    item instanceof WebAssembly.Global ? item.value : item,
  ]);
  const lanes = Object.fromEntries(values) as Exports;
  const memory = Buffer.from((exported.memory as { buffer: ArrayBuffer }).buffer);
  return { ...lanes, memory, stateOf: (key) => stateOf(lanes, memory, key) };
}

const KEY_BLOCK = 64;

function stateOf(lanes: Exports, memory: Buffer, key: Uint8Array): Buffer {
  memory.fill(0, lanes.TEXT, lanes.TEXT + KEY_BLOCK);
  memory.set(key, lanes.TEXT);
  lanes.prepare();
  const states = Buffer.from(memory.subarray(lanes.STATES, lanes.STATES + 64));
  lanes.wipe(2, 0, KEY_BLOCK);
  return states;
}
