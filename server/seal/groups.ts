/**
 * Runs `work` on the items of each group, at most `limit` at a time, and puts the results in the items' own order.
 * `groupOf` gives a small number; `work` gives one result an item.
 */
export function inGroups<T>(
  items: readonly string[],
  groupOf: (item: string) => number,
  limit: number,
  work: (part: string[], group: number) => T[],
): T[] {
  const results = new Array<T>(items.length);
  for (const [group, members] of membersByGroup(items, groupOf)) {
    for (let start = 0; start < members.length; start += limit) {
      const part = members.slice(start, start + limit);
      const done = work(
        part.map((i) => items[i]!),
        group,
      );
      for (let j = 0; j < part.length; j++) results[part[j]!] = done[j]!;
    }
  }
  return results;
}

function membersByGroup(items: readonly string[], groupOf: (item: string) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < items.length; i++) {
    const group = groupOf(items[i]!);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [i]);
    else members.push(i);
  }
  return groups;
}
