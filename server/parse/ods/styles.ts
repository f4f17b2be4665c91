import { attributeOf, nameHash, type XmlToken } from '../xlsx/xml-token.ts';

/** What the automatic styles of a document say that bears on its tables and values. */
export interface Styles {
  /** Takes in a `style:style`, a `number:time-style`, or the `style:table-properties` of the style before. */
  open(token: XmlToken): void;
  /** Whether the table style hides its table. */
  isHidden(tableStyle: string | undefined): boolean;
  /** Whether the cell style shows amounts of time, which do not begin anew after 24 hours. */
  isDuration(cellStyle: string | undefined): boolean;
}

const NAME = nameHash('style:name');
const DATA_STYLE = nameHash('style:data-style-name');
const DISPLAY = nameHash('table:display');
const TRUNCATE = nameHash('number:truncate-on-overflow');
/** No honest document has more; what is beyond says nothing. */
const MAX_STYLES = 1 << 17;

/** Styles of a document, none so far. */
export function createStyles(): Styles {
  const hidden = new Set<string>();
  const durations = new Set<string>();
  let last = '';
  return {
    open(token) {
      last = attributeOf(token, NAME) ?? last;
      if (hidden.size + durations.size >= MAX_STYLES) return;
      if (attributeOf(token, DISPLAY) === 'false') hidden.add(last);
      const dataStyle = attributeOf(token, DATA_STYLE);
      const isDuration =
        attributeOf(token, TRUNCATE) === 'false' || (dataStyle !== undefined && durations.has(dataStyle));
      if (isDuration) durations.add(last);
    },
    isHidden: (style) => style !== undefined && hidden.has(style),
    isDuration: (style) => style !== undefined && durations.has(style),
  };
}
