import { Problem } from '../../core/problem.ts';
import { attributeAt, attributeName, textOf, type XmlToken } from '../xlsx/xml-token.ts';

/** All elements of a document with the same names from the root down. */
export interface XmlNode {
  readonly name: string;
  readonly parent: XmlNode | null;
  /** By name, as its bytes in Latin-1 (`keyOf`), in the order in which they first appear. */
  readonly children: Map<string, XmlNode>;
  /** The attributes that are data, also by the bytes of their names in Latin-1, and their names. */
  readonly attributes: Map<string, string>;
  /** The most of them in one parent. */
  most: number;
  /** Whether one of them has a text of its own, or is empty in every way. */
  hasText: boolean;
  /** Whether the elements are rows of a table. */
  isRow: boolean;
  /** Of the elements while they are counted: the number of the last one's parent, and how many it has so far. */
  lastParent: number;
  count: number;
}

/** A document has no more different elements, which are its columns. */
const MAX_NODES = 20_000;
const XSI_NIL = 'xsi:nil';
/** What says how to read the document, and nothing of what it holds. */
const NO_DATA = /^xmlns(?::|$)|^xsi:(?:nil|schemaLocation|noNamespaceSchemaLocation)$/;

/** XML 1.0, 2.3 (fifth edition). */
const NAME_START =
  ':A-Z_a-z\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}';
const NAME = new RegExp(`^[${NAME_START}][${NAME_START}\\-.0-9\\xb7\\u0300-\\u036f\\u203f\\u2040]*$`, 'u');

/** A node without anything below it. */
export function createNode(name: string, parent: XmlNode | null): XmlNode {
  return {
    ...{ name, parent, children: new Map(), attributes: new Map<string, string>() },
    ...{ most: 0, hasText: false, isRow: false, lastParent: 0, count: 0 },
  };
}

/** Learns what elements a document has; `root` is above its root element. */
export function createSurvey(root: XmlNode) {
  const open = [{ node: root, number: 1, isBlank: false }];
  let nodes = 0;
  let elements = 1;

  function childOf(parent: XmlNode, token: XmlToken): XmlNode {
    const key = keyOf(token);
    const known = parent.children.get(key);
    if (known) return known;
    const node = createNode(fromLatin1(key), parent);
    if (!NAME.test(node.name)) throw token.fail('has an element whose name is none');
    parent.children.set(key, node);
    if (++nodes > MAX_NODES) {
      const detail = `The document has more than ${MAX_NODES} different elements. Check whether their names hold data.`;
      throw new Problem('too_many_columns', detail);
    }
    return node;
  }

  function learnAttributes({ attributes }: XmlNode, token: XmlToken): void {
    for (let i = 0; i < token.count; i++) {
      const key = attributeName(token, i);
      if (attributes.has(key) || NO_DATA.test(key)) continue;
      const name = fromLatin1(key);
      if (!NAME.test(name)) throw token.fail('has an attribute whose name is none');
      attributes.set(key, name);
    }
  }

  return {
    open(_: number, token: XmlToken): void {
      const parent = open.at(-1)!;
      const node = childOf(parent.node, token);
      node.count = node.lastParent === parent.number ? node.count + 1 : 1;
      node.lastParent = parent.number;
      if (node.count > node.most) node.most = node.count;
      parent.isBlank = false;
      learnAttributes(node, token);
      open.push({ node, number: ++elements, isBlank: token.count === 0 });
    },
    text(token: XmlToken): void {
      const { node } = open.at(-1)!;
      // White space alone is a text only where nothing else is.
      if (!node.hasText && /\S/.test(textOf(token))) node.hasText = true;
    },
    close(): void {
      const { node, isBlank } = open.pop()!;
      if (isBlank) node.hasText = true;
    },
  };
}

/** The name of the tag by which its node is found: its bytes as Latin-1, which is quicker than its text. */
export function keyOf({ window, nameStart, nameEnd }: XmlToken): string {
  return window.slice(nameStart, nameEnd);
}

/** Whether the tag says that its element has no value (XML Schema part 1, 2.6.2). */
export function isNil(token: XmlToken): boolean {
  for (let i = 0; i < token.count; i++) {
    if (attributeName(token, i) === XSI_NIL) return /^(?:true|1)$/.test(attributeAt(token, i).trim());
  }
  return false;
}

/** The names from the document's root down to `node`. */
export function pathOf(node: XmlNode): string[] {
  return node.parent === null ? [] : [...pathOf(node.parent), node.name];
}

function fromLatin1(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}
