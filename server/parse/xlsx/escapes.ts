const ESCAPE = /_x(D[89AB][0-9A-F]{2})__x(D[C-F][0-9A-F]{2})_|_x([0-9A-F]{4})_/gi;

/**
 * A text of a workbook with its `_xHHHH_` escapes resolved (ST_Xstring, ECMA-376 part 1, 22.9.2.19): `_x000D_` is a
 * carriage return, `_x005F_` an underscore. An escape for half a character stays as it stands.
 */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(ESCAPE, (written: string, high: string, low: string, single: string) => {
    if (single === undefined) return String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
    const character = String.fromCharCode(Number.parseInt(single, 16));
    return character.isWellFormed() ? character : written;
  });
}
