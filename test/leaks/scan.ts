import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf } from '../helpers/processes.ts';
import type { Canaries } from './canaries.ts';

/** What was looked through. */
export interface Scan {
  /** Each as `path: form`. */
  readonly found: Set<string>;
  files: number;
  bytes: number;
}

/** A scan that has seen nothing yet. */
export const newScan = (): Scan => ({ found: new Set(), files: 0, bytes: 0 });

/** Looks through every file below `folder`, hidden ones too. A file that vanishes meanwhile is no error. */
export function scanFolder(scan: Scan, folder: string, canaries: Canaries): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) scanFile(scan, join(entry.parentPath, entry.name), canaries);
  }
}

/** Looks through files that a process and its parsers hold open although they have no name any more, such as temporary ones. */
export function scanUnnamedFiles(scan: Scan, pid: number, canaries: Canaries): void {
  for (const process of [pid, ...childrenOf(pid)]) {
    for (const path of openFilesOf(process)) {
      const target = readLink(path);
      const onDisk = target.startsWith('/') && !/^\/(?:dev|proc|sys|memfd:)/.test(target);
      if (onDisk && target.endsWith(' (deleted)')) scanFile(scan, path, canaries);
    }
  }
}

/** Scans again and again until `stop` is called. */
export function keepScanning(scan: Scan, folder: string, pid: number, canaries: Canaries): () => Promise<void> {
  let going = true;
  const done = (async () => {
    while (going) {
      scanFolder(scan, folder, canaries);
      scanUnnamedFiles(scan, pid, canaries);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  })();
  return () => {
    going = false;
    return done;
  };
}

function scanFile(scan: Scan, path: string, canaries: Canaries): void {
  const bytes = read(path);
  scan.files++;
  scan.bytes += bytes.length;
  for (const form of canaries.findAny(bytes)) scan.found.add(`${path}: ${form}`);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

function openFilesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`);
  } catch {
    return [];
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
