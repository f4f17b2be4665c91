import { Problem } from '../../core/problem.ts';
import { attributeAt, attributeName, textOf, type XmlToken } from '../xlsx/xml-token.ts';

/** All elements of a document with the same names from the root down. */
export interface XmlNode {
  readonly name: string;
  readonly parent: XmlNode | null;
  /** By name, as its bytes in Latin-1 (`keyOf`), in the order in which they first appear. */
  readonly children: Map<string, XmlNode>;
  /** The names of attributes, also in that order. */
  readonly attributes: Set<string>;
  /** The most of them in one parent. */
  most: number;
  /** Whether one of them has a text of its own, or is empty in every way. */
  hasText: boolean;
  /** Whether the elements are rows of a table. */
  isRow: boolean;
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
    ...{ name, parent, children: new Map(), attributes: new Set<string>() },
    ...{ most: 0, hasText: false, isRow: false },
  };
}

/** Learns what elements a document has; `root` is above its root element. */
export function createSurvey(root: XmlNode) {
  const open: { node: XmlNode; counts: Map<XmlNode, number>; isBlank: boolean }[] = [];
  open.push({ node: root, counts: new Map(), isBlank: false });
  let nodes = 0;

  function childOf(parent: XmlNode, key: string, { fail }: XmlToken): XmlNode {
    const known = parent.children.get(key);
    if (known) return known;
    const node = createNode(fromLatin1(key), parent);
    if (!NAME.test(node.name)) throw fail('has an element whose name is none');
    parent.children.set(key, node);
    if (++nodes > MAX_NODES) {
      const detail = `The document has more than ${MAX_NODES} different elements. Check whether their names hold data.`;
      throw new Problem('too_many_columns', detail);
    }
    return node;
  }

  return {
    open(_: number, token: XmlToken): void {
      const parent = open.at(-1)!;
      const node = childOf(parent.node, keyOf(token), token);
      const count = (parent.counts.get(node) ?? 0) + 1;
      parent.counts.set(node, count);
      parent.isBlank = false;
      if (count > node.most) node.most = count;
      for (const [name] of attributesOf(token)) {
        if (node.attributes.has(name)) continue;
        if (!NAME.test(name)) throw token.fail('has an attribute whose name is none');
        node.attributes.add(name);
      }
      open.push({ node, counts: new Map(), isBlank: token.count === 0 });
    },
    text(token: XmlToken): void {
      const element = open.at(-1)!;
      // White space alone is a text only where nothing else is.
      if (!element.node.hasText && /\S/.test(textOf(token))) element.node.hasText = true;
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

/** The attributes of a tag that are data. */
export function* attributesOf(token: XmlToken): Generator<[name: string, value: string]> {
  for (let i = 0; i < token.count; i++) {
    const name = attributeName(token, i);
    if (!NO_DATA.test(name)) yield [fromLatin1(name), attributeAt(token, i)];
  }
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
