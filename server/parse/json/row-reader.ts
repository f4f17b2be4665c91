import { type ReadCell, readCell, stringEnd, stringText } from './cells.ts';
import type { KeyNode, KeyTree } from './keys.ts';
import { createRowLog, type RowLog } from './row-log.ts';
import { CELL_KINDS } from './scanner.ts';

/**
 * The cells of one row, whose text is valid JSON and not deeper than the scanner takes. It reads any row, slowly: those
 * whose cells the scanner could not tell. Keys that are new go into the tree.
 * @throws Problem `too_many_columns`.
 */
export function readRow(json: string, tree: KeyTree): RowLog {
  const log = createRowLog();
  const token = createCursor(json);
  if (token.peek() === '{') takeMembers(tree.root);
  else if (token.peek() === '[') takeElements();
  else log.put({ at: 0, ...takeCell(token) });
  return log;

  function takeMembers(node: KeyNode): void {
    token.take();
    while (token.peek() !== '}') {
      if (token.peek() === ',') token.take();
      const key = tree.child(node, token.key());
      log.enter(key);
      takeMember(key);
      log.leave();
    }
    token.take();
  }

  function takeMember(key: KeyNode): void {
    if (token.peek() === '{' && !token.isEmptyObject()) {
      takeMembers(key);
      return;
    }
    const cell = takeCell(token);
    tree.see(key, cell.text === null);
    log.put({ at: key, ...cell });
  }

  function takeElements(): void {
    token.take();
    for (let index = 0; token.peek() !== ']'; index++) {
      if (token.peek() === ',') token.take();
      log.put({ at: index, ...takeCell(token) });
    }
    token.take();
  }
}

/** The cell of one value, whose text is valid JSON. */
export function readValue(json: string): ReadCell {
  return takeCell(createCursor(json));
}

type Cursor = ReturnType<typeof createCursor>;

/** Takes valid JSON apart. */
function createCursor(json: string) {
  let at = 0;
  function peek(): string {
    while (SPACE.has(json[at]!)) at++;
    return json[at] ?? '';
  }
  function string(): string {
    const start = at + 1;
    const end = stringEnd(json, start);
    at = end + 1;
    return json.slice(start, end);
  }
  return {
    peek,
    string,
    take: () => void at++,
    /** A key and its colon. */
    key(): string {
      peek();
      const content = string();
      peek();
      at++;
      return content.includes('\\') ? stringText(content) : content;
    },
    /** Whether the object that starts here has no members. */
    isEmptyObject(): boolean {
      let next = at + 1;
      while (SPACE.has(json[next]!)) next++;
      return json[next] === '}';
    },
    /** A number or literal. */
    word(): string {
      const start = at;
      while (at < json.length && !ENDS_WORD.has(json[at]!)) at++;
      return json.slice(start, at);
    },
    /** An array or object. */
    container(): string {
      const start = at;
      let depth = 0;
      do {
        const char = json[at]!;
        if (char === '"') at = stringEnd(json, at + 1);
        else if (char === '{' || char === '[') depth++;
        else if (char === '}' || char === ']') depth--;
        at++;
      } while (depth > 0);
      return json.slice(start, at);
    },
  };
}

const SPACE = new Set(' \t\r\n');
const ENDS_WORD = new Set(' \t\r\n,]}');
const NULL: ReadCell = { text: null, raw: null };

function takeCell(token: Cursor): ReadCell {
  const first = token.peek();
  if (first === '"') {
    const content = token.string();
    return readCell(content.includes('\\') ? CELL_KINDS.escaped : CELL_KINDS.text, content);
  }
  if (first === '[' || first === '{') return readCell(CELL_KINDS.json, token.container());
  const word = token.word();
  if (word === 'null') return NULL;
  if (word === 'true') return readCell(CELL_KINDS.true, word);
  if (word === 'false') return readCell(CELL_KINDS.false, word);
  return readCell(/e/i.test(word) ? CELL_KINDS.exponent : CELL_KINDS.number, word);
}
