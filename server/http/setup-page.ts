import { readFileSync } from 'node:fs';
import type { App } from './app-type.ts';

/** What the page is made of: its path below `/setup`, its media type, its file. */
const PARTS = [
  ['', 'text/html; charset=utf-8', 'page.html'],
  ['/page.js', 'text/javascript; charset=utf-8', 'page.js'],
  ['/page.css', 'text/css; charset=utf-8', 'page.css'],
] as const;

/**
 * `GET /setup`: the page that the link for the first administrator leads to. The token stands behind the `#`, so that no
 * browser sends it, and no server or proxy writes it down.
 */
export function setupPage(app: App): void {
  for (const [path, type, file] of PARTS) {
    const content = readFileSync(new URL(`./setup/${file}`, import.meta.url));
    app.get(`/setup${path}`, { schema: { hide: true } }, (_request, reply) =>
      reply.header('cache-control', 'no-store').type(type).send(content),
    );
  }
}
