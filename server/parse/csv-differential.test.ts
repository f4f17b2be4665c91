import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareReaders } from '../../test/helpers/csv-differential.ts';

test('csv-parse and papaparse read the same cells out of three thousand generated files', async () => {
  assert.ok((await compareReaders(1, 3000)) > 30_000);
});
