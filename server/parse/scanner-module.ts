import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of WebAssembly's interface used here: Node has it, the types for ES2024 do not. */
declare const WebAssembly: {
  Memory: new (descriptor: { initial: number }) => ScannerMemory;
  Module: new (binary: Uint8Array) => object;
  Instance: new (module: object, imports: { env: { memory: ScannerMemory } }) => { readonly exports: unknown };
};

/** The memory of one scanner. Growing detaches all views of it. */
export interface ScannerMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Bytes by which a memory grows. */
export const PAGE = 65_536;

const FOLDER = join(import.meta.dirname, 'wasm');
const compiled = new Map<string, object>();

/** A memory of so many pages. */
export function newMemory(pages: number): ScannerMemory {
  return new WebAssembly.Memory({ initial: pages });
}

/** Lets the memory have `bytes` at least. True when it had fewer, so that views of it must be made anew. */
export function growTo(memory: ScannerMemory, bytes: number): boolean {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return missing > 0;
}

/** The functions of the module `wasm/NAME-scanner.wasm`, which work in `memory`. Compiled once. */
export function instantiate<Exports>(name: 'csv' | 'json' | 'xlsx', memory: ScannerMemory): Exports {
  const module = compiled.get(name) ?? new WebAssembly.Module(readFileSync(join(FOLDER, `${name}-scanner.wasm`)));
  compiled.set(name, module);
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Exports;
}
