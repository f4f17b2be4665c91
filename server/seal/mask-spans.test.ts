import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskSpans } from './mask-spans.ts';

test('of a text the given parts alone are masked, each as its kind is', () => {
  const text = 'card 4111 1111 1111 1111, PAN ABCPE1234F.';
  const spans = [
    { kind: 'payment_card', start: 5, end: 24 },
    { kind: 'pan', start: 30, end: 40 },
  ];
  assert.equal(maskSpans(text, spans), 'card XXXX XXXX XXXX 1111, PAN XXXXXXX34X.');
  assert.equal(maskSpans(text, []), text);
  assert.equal(maskSpans('ABCPE1234F', [{ kind: 'pan', start: 0, end: 10 }]), 'XXXXXXX34X');
});
