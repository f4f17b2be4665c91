/** Gathers the paragraphs of a cell. */
export interface Paragraphs {
  /** Forgets what was gathered. */
  clear(): void;
  /** A paragraph begins: from the second on, a line break stands before it. */
  begin(): void;
  /** Text as it stands in the XML: runs of white space count as one space, and none at the ends of a paragraph. */
  add(text: string): void;
  /** Spaces, tabs and line breaks that stand as elements of their own, as they are. */
  addExactly(text: string): void;
  end(): void;
  /** The text, or `undefined` when there was no paragraph. */
  readonly text: string | undefined;
}

/** White space as in OpenDocument 1.3 part 3, 6.1.2. Nothing is added once the text is longer than `maxLength`. */
export function createParagraphs(maxLength: number): Paragraphs {
  let text: string | undefined;
  let begun = false;
  let space = false;

  function put(piece: string): void {
    if (space && begun) text += ' ';
    space = false;
    begun = true;
    if (text!.length <= maxLength) text += piece;
  }

  return {
    clear() {
      text = undefined;
    },
    begin() {
      text = text === undefined ? '' : `${text}\n`;
      begun = false;
      space = false;
    },
    add(given) {
      const words = given.split(/[ \t\r\n]+/);
      words.forEach((word, index) => {
        if (index > 0) space = true;
        if (word !== '') put(word);
      });
    },
    addExactly: put,
    end() {
      space = false;
    },
    get text() {
      return text;
    },
  };
}
