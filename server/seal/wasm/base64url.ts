/** Base64url (RFC 4648, section 5) of whole vectors: 12 bytes against 16 characters. */

// @ts-ignore: decorator
@inline
function addWhere(mask: v128, x: v128, amount: i8): v128 {
  return i8x16.add(x, v128.and(mask, i8x16.splat(amount)));
}

/** The 16 characters of the first 12 bytes of `bytes`. */
// @ts-ignore: decorator
@inline
export function encode12(bytes: v128): v128 {
  const v = i8x16.shuffle(bytes, i8x16.splat(0), 2, 1, 0, 16, 5, 4, 3, 16, 8, 7, 6, 16, 11, 10, 9, 16);
  const x = v128.or(
    v128.or(i32x4.shr_u(v, 18), v128.and(i32x4.shr_u(v, 4), i32x4.splat(0x3f00))),
    v128.or(v128.and(i32x4.shl(v, 10), i32x4.splat(0x3f0000)), v128.and(i32x4.shl(v, 24), i32x4.splat(0x3f000000))),
  );
  let text = i8x16.add(x, i8x16.splat(65)); // A-Z
  text = addWhere(i8x16.gt_s(x, i8x16.splat(25)), text, 6); // a-z
  text = addWhere(i8x16.gt_s(x, i8x16.splat(51)), text, -75); // 0-9
  text = addWhere(i8x16.eq(x, i8x16.splat(62)), text, -13); // -
  return addWhere(i8x16.eq(x, i8x16.splat(63)), text, 36); // _
}

// @ts-ignore: decorator
@inline
function within(text: v128, low: i8, high: i8): v128 {
  return i8x16.le_u(i8x16.sub(text, i8x16.splat(low)), i8x16.splat(high - low));
}

/** All ones in each lane whose character is not of the alphabet. */
// @ts-ignore: decorator
@inline
export function outside(text: v128): v128 {
  const letters = v128.or(within(text, 65, 90), within(text, 97, 122));
  const marks = v128.or(i8x16.eq(text, i8x16.splat(45)), i8x16.eq(text, i8x16.splat(95)));
  return v128.not(v128.or(v128.or(letters, within(text, 48, 57)), marks));
}

/** The 12 bytes of 16 characters, then four zero bytes. Characters outside the alphabet give any bytes. */
// @ts-ignore: decorator
@inline
export function decode16(text: v128): v128 {
  let x = addWhere(within(text, 65, 90), text, -65);
  x = addWhere(within(text, 97, 122), x, -71);
  x = addWhere(within(text, 48, 57), x, 4);
  x = addWhere(i8x16.eq(text, i8x16.splat(45)), x, 17);
  x = addWhere(i8x16.eq(text, i8x16.splat(95)), x, -32);
  const v = v128.or(
    v128.or(i32x4.shl(v128.and(x, i32x4.splat(0x3f)), 18), i32x4.shl(v128.and(x, i32x4.splat(0x3f00)), 4)),
    v128.or(i32x4.shr_u(v128.and(x, i32x4.splat(0x3f0000)), 10), i32x4.shr_u(x, 24)),
  );
  return i8x16.shuffle(v, i8x16.splat(0), 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 16, 16, 16, 16);
}
