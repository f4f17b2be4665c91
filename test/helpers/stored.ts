import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** All that lies in `DATA_DIR/blobs`, what is half done included: paths, sorted. */
export function storedBlobs(dataDir: string): string[] {
  const root = join(dataDir, 'blobs');
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}
