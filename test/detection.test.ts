import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { POLICY } from '../server/infer/policy.ts';
import { SENSITIVE_KINDS } from '../server/infer/profile.ts';
import { scoreDetectors } from './helpers/columns/score.ts';

test('of made-up columns of 280 kinds, 99.5 % of those found are right and 99 % of those to find are found', () => {
  const { scores } = scoreDetectors(3, 2026);
  for (const { kind, columns, found, wrong, mistakes } of scores) {
    assert.ok(columns > 0, kind);
    assert.ok(found / columns >= 0.99, mistakes.join('\n'));
    assert.ok(found / (found + wrong) >= 0.995, mistakes.join('\n'));
  }
});

test('the documentation lists every kind with what becomes of it', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/detection.md'), 'utf8');
  for (const kind of SENSITIVE_KINDS) {
    const becomes = POLICY[kind] === 'seal' ? 'sealed' : 'reported';
    assert.match(page, new RegExp(`^\\| \`${kind}\` \\| ${becomes} \\|`, 'm'));
  }
});
