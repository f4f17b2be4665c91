import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LruMap } from './lru.ts';

/** What it must do, said by an array in the order of use. */
function createModel(most: number) {
  let entries: [number, string][] = [];
  const take = (key: number) => {
    const found = entries.find(([one]) => one === key);
    entries = entries.filter(([one]) => one !== key);
    return found;
  };
  return {
    get(key: number) {
      const found = take(key);
      if (found) entries.push(found);
      return found?.[1];
    },
    set(key: number, value: string) {
      take(key);
      entries.push([key, value]);
      entries = entries.slice(-most);
    },
    delete: (key: number) => void take(key),
    clear() {
      entries = [];
    },
  };
}

const key = fc.integer({ min: 0, max: 7 });
const step = fc.oneof(
  fc.record({ what: fc.constant('get' as const), key }),
  fc.record({ what: fc.constant('set' as const), key }),
  fc.record({ what: fc.constant('delete' as const), key }),
  fc.record({ what: fc.constant('clear' as const), key }),
);

test('a map of the entries used last answers as a list in the order of use does, whatever is asked of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
      const [map, model] = [new LruMap<number, string>(most), createModel(most)];
      for (const [index, { what, key }] of steps.entries()) {
        if (what === 'get') assert.equal(map.get(key), model.get(key));
        else if (what === 'set') for (const one of [map, model]) one.set(key, `${index}`);
        else for (const one of [map, model]) one[what](key);
      }
      for (let key = 0; key <= 7; key++) assert.equal(map.get(key), model.get(key));
    }),
  );
});
