import assert from 'node:assert/strict';
import { Problem, type ProblemCode } from '../../server/core/problem.ts';

/** Holds a reading to being refused with this code and detail, which quotes no `canary` of the file. */
export async function assertRefused(reading: Promise<unknown>, code: ProblemCode, detail = /./): Promise<void> {
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, code, error.detail);
    assert.match(error.detail, detail);
    assert.doesNotMatch(error.detail, /canary/);
    return true;
  });
}
