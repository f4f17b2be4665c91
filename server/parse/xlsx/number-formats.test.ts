import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOfBuiltIn, kindOfCode } from './number-formats.ts';

const codes = {
  date: [
    'yyyy-mm-dd',
    'dd/mm/yy;@',
    '[$-409]d-mmm-yyyy',
    'mmmm',
    '"KW" d',
    '[$-F800]dddd, mmmm dd, yyyy',
    'YYYY"年"M"月"D"日"',
  ],
  time: ['h:mm AM/PM', 'hh:mm:ss', 'mm:ss.0', '[$-F400]h:mm:ss'],
  datetime: ['m/d/yy h:mm', 'yyyy\\-mm\\-dd\\Thh:mm:ss.000'],
  duration: ['[h]:mm', '[HH]:mm:ss', '[mm]:ss', '[s]'],
  none: [
    'General',
    '0.00',
    '#,##0.00 "days"',
    '0.00E+00',
    '[Red]-0.0;yyyy',
    '0\\d',
    '_-* #,##0.00\\ [$kr-41D]_-',
    '@',
    '# ?/?',
    '"dd"',
    '',
    '[Yellow]0%',
  ],
};

for (const [kind, list] of Object.entries(codes)) {
  test(`formats of kind ${kind} are told by their code`, () => {
    const expected = kind === 'none' ? undefined : kind;
    assert.deepEqual(
      list.map((code) => [code, kindOfCode(code)]),
      list.map((code) => [code, expected]),
    );
  });
}

test('built-in formats have fixed kinds', () => {
  assert.deepEqual([0, 2, 14, 20, 22, 46, 47, 49, 57].map(kindOfBuiltIn), [
    undefined,
    undefined,
    'date',
    'time',
    'datetime',
    'duration',
    'time',
    undefined,
    'date',
  ]);
});
