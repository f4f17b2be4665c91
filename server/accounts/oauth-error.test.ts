import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../core/problem.ts';
import { OAuthError, toOAuthError } from './oauth-error.ts';

test('a description keeps to the characters that RFC 6749 allows', () => {
  const { description } = new OAuthError('invalid_request', 'The user’s "name"\\ is\n wrong');
  assert.equal(description, "The user's 'name'' is? wrong");
});

test('what is our own fault tells nothing and keeps its cause', () => {
  for (const error of [
    new TypeError('secret'),
    new Problem('internal', 'secret'),
    new Problem('unavailable', 'secret'),
  ]) {
    const { code, status, description, cause } = toOAuthError(error);
    assert.deepEqual([code, status, cause], ['server_error', 500, error]);
    assert.doesNotMatch(description, /secret/);
  }
});

test('a problem is told in the word that OAuth has for it', () => {
  const codes = [
    'invalid_credentials',
    'refresh_token_invalid',
    'client_key_invalid',
    'rate_limited',
    'not_found',
  ] as const;
  const told = codes.map((code) => toOAuthError(new Problem(code, 'why')).code);
  assert.deepEqual(told, [
    'invalid_grant',
    'invalid_grant',
    'invalid_client',
    'temporarily_unavailable',
    'invalid_request',
  ]);
});
