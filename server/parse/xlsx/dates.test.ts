import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dateText } from './dates.ts';

const EPOCH_1900 = Date.UTC(1899, 11, 30);

test('every millisecond from March 1900 on comes as JavaScript writes it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 61 * 86_400_000, max: 2_958_466 * 86_400_000 - 1 }), (ms) => {
      const expected = new Date(EPOCH_1900 + ms)
        .toISOString()
        .slice(0, -1)
        .replace(/\.?0*$/, '');
      const shown = dateText(ms / 86_400_000, 'datetime', '1900')!;
      assert.equal(shown.replace(/(:\d\d)$/, '$1.').replace(/\.?0*$/, ''), expected);
    }),
  );
});

test('both date systems name the same day 1,462 days apart', () => {
  for (const serial of [1462, 1521, 45_000, 2_958_465]) {
    assert.equal(dateText(serial - 1462, 'date', '1904'), serial < 61 ? undefined : dateText(serial, 'date', '1900'));
  }
});

test('a fraction that rounds up to midnight is the next day', () => {
  assert.equal(dateText(44_926.999_999_999_9, 'datetime', '1900'), '2023-01-01T00:00:00');
  assert.equal(dateText(0.999_999_999_9, 'time', '1900'), undefined);
});

test('durations leave out what is zero', () => {
  const shown = [0, 0.5, 1 / 86_400, 1.000_011_574_074, 100, 0.000_005_787].map((serial) =>
    dateText(serial, 'duration', '1900'),
  );
  assert.deepEqual(shown, ['PT0S', 'PT12H', 'PT1S', 'PT24H1S', 'PT2400H', 'PT0.5S']);
});

test('serials outside of the calendar are no dates', () => {
  for (const serial of [Number.NaN, Number.POSITIVE_INFINITY, -0.5, 60.9, 2_958_466]) {
    assert.equal(dateText(serial, 'datetime', '1900'), undefined, String(serial));
  }
});
