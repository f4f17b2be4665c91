import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopesOf } from './access.ts';
import { SCOPES } from './actor.ts';

const user = { kind: 'user', scopes: null } as const;

test('a user holds what their role makes something of, and reveal only with the right to', () => {
  assert.deepEqual(scopesOf({ ...user, role: 'admin', mayReveal: true }), [...SCOPES]);
  assert.deepEqual(scopesOf({ ...user, role: 'admin', mayReveal: false }), [
    'files:read',
    'files:write',
    'audit:read',
    'admin',
  ]);
  assert.deepEqual(scopesOf({ ...user, role: 'member', mayReveal: true }), ['files:read', 'files:write', 'reveal']);
  assert.deepEqual(scopesOf({ ...user, role: 'viewer', mayReveal: false }), ['files:read']);
});

test('a client or a session holds no more than the scopes it was given', () => {
  const client = { kind: 'client', role: 'admin', mayReveal: false } as const;
  assert.deepEqual(scopesOf({ ...client, scopes: ['admin', 'reveal'] }), ['admin']);
  assert.deepEqual(scopesOf({ ...client, role: 'viewer', scopes: ['files:write', 'files:read'] }), ['files:read']);
  assert.deepEqual(scopesOf({ ...client, scopes: [] }), []);
});
