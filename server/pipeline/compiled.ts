import { flushCompileCache } from 'node:module';

/** What Node 24.21 has and its types do not know yet; nothing without the permission model. */
type Permission = { drop?(scope: 'fs.write', path: string): void } | undefined;

let kept = false;

/**
 * Keeps for the next parser what Node has compiled, in its cache `folder`, of the programs that are loaded by now, and gives up
 * the right to write there. Must come before anything of a file is looked at: a parser that was taken over could leave something for the next.
 */
export function keepCompiled(folder: string | undefined): void {
  if (kept || folder === undefined) return;
  kept = true;
  flushCompileCache();
  (process.permission as Permission)?.drop?.('fs.write', folder);
}
