import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readPattern } from './pattern.ts';

test('a pattern matches whole texts as the regular expression of the same form does', () => {
  const patterns = [
    'EMP-\\d{6}',
    '[A-Z]{2}\\d{4,6}',
    'A?B?C',
    '[^0-9]{1,3}x',
    '.{2}\\.',
    '[\\d-]{3,5}',
    '\\w{2}[ -]?\\w{2}',
    '[a\\]-]{2}',
  ];
  const texts = fc.oneof(fc.string({ maxLength: 12 }), fc.stringMatching(/^[A-CEMPx0-9 .\]a-]{0,10}$/));
  for (const pattern of patterns) {
    const expression = new RegExp(`^(?:${pattern})$`);
    const { matches, length } = readPattern(pattern);
    const like = fc.stringMatching(expression);
    fc.assert(
      fc.property(fc.oneof(texts, like), (text) => {
        assert.equal(matches(text), expression.test(text), `${pattern} on ${JSON.stringify(text)}`);
        assert.ok(!matches(text) || (text.length >= length[0] && text.length <= length[1]));
      }),
    );
  }
});

test('a pattern that makes regular expressions slow is matched in a moment', () => {
  const { matches } = readPattern(`${'a?'.repeat(60)}a{60}`);
  const start = performance.now();
  for (let i = 0; i < 200; i++) assert.equal(matches('a'.repeat(60) + (i % 2 ? 'b' : '')), i % 2 === 0);
  assert.ok(performance.now() - start < 2000);
});

test('what is no part of the language is refused with its place', () => {
  for (const [pattern, why] of [
    ['(a|b)', /character 1, "\("/],
    ['ab*', /character 3, "\*"/],
    ['a+', /character 2/],
    ['^a$', /character 1/],
    ['[A-Z', /character 1/],
    ['[z-a]', /ends before it begins/],
    ['a{3,2}', /ends before it begins/],
    ['a{999}', /longer than 128/],
    ['a{3,}', /character 2/],
    ['a?', /empty text/],
    ['', /empty text/],
  ] as const) {
    assert.throws(() => readPattern(pattern), why, pattern);
  }
});
