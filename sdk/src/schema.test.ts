import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sdkTypes } from '../../scripts/sdk-types.ts';

const answer = (schema: object) => ({ 200: { content: { 'application/json': { schema } } } });
const thing = { title: 'Thing', type: 'object', required: ['id'], properties: { id: { type: 'integer' } } };
const document = (...schemas: object[]) => ({
  paths: Object.fromEntries(
    schemas.map((schema, n) => [`/${n}`, { get: { operationId: `get${n}`, responses: answer(schema) } }]),
  ),
});

test('a schema with a title is one exported type, wherever it stands', () => {
  const text = sdkTypes(document(thing, { type: 'array', items: thing }));
  assert.equal(text.match(/export interface Thing \{\n {2}id: number;\n\}/g)?.length, 1);
  assert.match(text, /get0: \{\n {4}input: Record<never, never>;\n {4}answer: Thing;/);
  assert.match(text, /answer: Array<Thing>;/);
});

test('two different schemas with one title are refused', () => {
  assert.throws(() => sdkTypes(document(thing, { ...thing, required: [] })), /called Thing/);
});

test('what has a default or is not required may be left out of a request, and is told apart from an answer', () => {
  const schema = {
    type: 'object',
    required: ['a', 'b'],
    properties: {
      a: { type: 'string' },
      b: { type: 'integer', default: 1 },
      c: { anyOf: [{ const: 'x' }, { type: 'null' }] },
    },
  };
  const body = { content: { 'application/json': { schema } } };
  const text = sdkTypes({
    paths: { '/': { post: { operationId: 'go', requestBody: body, responses: { 200: body } } } },
  });
  assert.match(text, /a: string;\n {8}b\?: number \| undefined;\n {8}c\?: 'x' \| null \| undefined;/);
  assert.match(text, /a: string;\n {6}b: number;\n {6}c\?: 'x' \| null;/);
});

test('a body that may be null may be left out, and what a named type fills in may be left out of a request alone', () => {
  const named = { ...thing, properties: { ...thing.properties, size: { type: 'integer', default: 1 } } };
  const content = { 'application/json': { schema: { anyOf: [named, { type: 'null' }] } } };
  const text = sdkTypes({
    paths: { '/': { post: { operationId: 'go', requestBody: { content }, responses: answer(named) } } },
  });
  assert.match(text, /body\?: \{\n {8}id: number;\n {8}size\?: number \| undefined;\n {6}\} \| null \| undefined;/);
  assert.match(text, /answer: Thing;/);
});
