/**
 * A text of a workbook with its `_xHHHH_` escapes resolved (ST_Xstring, ECMA-376 part 1, 22.9.2.19): `_x000D_` is a
 * carriage return, `_x005F_` an underscore. Where that would leave half a character, the text stays as it is.
 */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  const resolved = text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return resolved.isWellFormed() ? resolved : text;
}
