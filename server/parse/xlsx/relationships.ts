import type { Archive } from '../zip/archive.ts';
import { onOpen, readPart } from './part.ts';
import { attributeOf, nameHash } from './xml-token.ts';

/** Where a part points: `type` is the last word of the relationship's type, `target` a part name. */
export interface Relationship {
  readonly id: string;
  /** `officeDocument`, `worksheet`, `chartsheet`, `sharedStrings`, `styles` … in transitional and strict files alike. */
  readonly type: string;
  readonly target: string;
}

const RELATIONSHIP = nameHash('Relationship');
const ID = nameHash('Id');
const TYPE = nameHash('Type');
const TARGET = nameHash('Target');
const MODE = nameHash('TargetMode');

/**
 * The relationships of the part called `name` (`''` for the package) to other parts, empty when it has none
 * (ECMA-376 part 2, 6.5). Targets outside the package are left out.
 * @throws Problem as `readPart`.
 */
export async function readRelationships(archive: Archive, name: string): Promise<Relationship[]> {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const entry = archive.find(`${folder}_rels/${name.slice(folder.length)}.rels`);
  const found: Relationship[] = [];
  if (!entry) return found;
  const handler = onOpen((element, token) => {
    if (element !== RELATIONSHIP || attributeOf(token, MODE) === 'External') return;
    const type = attributeOf(token, TYPE) ?? '';
    const target = resolveTarget(folder, attributeOf(token, TARGET) ?? '');
    found.push({ id: attributeOf(token, ID) ?? '', type: type.slice(type.lastIndexOf('/') + 1), target });
  });
  await readPart(archive, entry, handler);
  return found;
}

/** The part name of a target as it stands in the relationships of a part in `folder`. */
function resolveTarget(folder: string, target: string): string {
  const path = target.replaceAll('\\', '/');
  const steps: string[] = [];
  for (const step of (path.startsWith('/') ? path : folder + path).split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/');
}
