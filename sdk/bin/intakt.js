#!/usr/bin/env node
import { existsSync } from 'node:fs';

// What is published is compiled; a checkout runs from source.
const built = new URL('../dist/cli/main.js', import.meta.url);
const source = new URL('../src/cli/main.ts', import.meta.url);
if (!existsSync(built) && !process.features.typescript) {
  console.error('intakt: This checkout needs Node 22.18 or later. Run it with npx, or build it: npm run build -w sdk');
  process.exit(1);
}
await import(existsSync(built) ? built : source);
