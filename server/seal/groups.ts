/**
 * Runs `work` on the items of each group, at most `limit` at a time, and puts the results in the items' own order.
 * `groupOf` gives a small number; `work` gives one result an item.
 */
export function inGroups<T>(
  items: readonly string[],
  groupOf: (item: string) => number,
  limit: number,
  work: (part: readonly string[], group: number) => T[],
): T[] {
  if (items.length <= limit) return inPart(items, groupOf, work);
  const results = new Array<T>(items.length);
  for (let start = 0; start < items.length; start += limit) {
    const done = inPart(items.slice(start, start + limit), groupOf, work);
    for (let i = 0; i < done.length; i++) results[start + i] = done[i]!;
  }
  return results;
}

function inPart<T>(
  items: readonly string[],
  groupOf: (item: string) => number,
  work: (part: readonly string[], group: number) => T[],
): T[] {
  const only = onlyGroup(items, groupOf);
  if (only !== null) return work(items, only);
  const results = new Array<T>(items.length);
  for (const [group, members] of membersByGroup(items, groupOf)) {
    const done = work(
      members.map((i) => items[i]!),
      group,
    );
    for (let j = 0; j < members.length; j++) results[members[j]!] = done[j]!;
  }
  return results;
}

/** The group that all items are of, as those of a column often are; `null` when there are several or none. */
function onlyGroup(items: readonly string[], groupOf: (item: string) => number): number | null {
  if (items.length === 0) return null;
  const group = groupOf(items[0]!);
  for (let i = 1; i < items.length; i++) if (groupOf(items[i]!) !== group) return null;
  return group;
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
