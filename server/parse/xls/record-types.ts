/** The records of a BIFF stream that bear on values: names as in [MS-XLS], `_2` to `_4` for older versions' own. */
export const RECORD = {
  EOF: 0x0a,
  FILE_PASS: 0x2f,
  CONTINUE: 0x3c,
  DATE_1904: 0x22,
  CODE_PAGE: 0x42,
  BOUND_SHEET: 0x85,
  SST: 0xfc,
  FORMAT: 0x41e,
  FORMAT_2: 0x1e,
  XF: 0xe0,
  XF_2: 0x43,
  XF_3: 0x243,
  XF_4: 0x443,
  NUMBER: 0x203,
  NUMBER_2: 0x03,
  INTEGER_2: 0x02,
  RK: 0x27e,
  MUL_RK: 0xbd,
  LABEL: 0x204,
  LABEL_2: 0x04,
  LABEL_SST: 0xfd,
  RSTRING: 0xd6,
  BOOL_ERR: 0x205,
  BOOL_ERR_2: 0x05,
  FORMULA: 0x06,
  FORMULA_3: 0x206,
  FORMULA_4: 0x406,
  STRING: 0x207,
  STRING_2: 0x07,
} as const;

/** The BIFF version of a substream by the number of the record that begins it; 0x0809 says its version itself. */
export const BEGINNINGS: ReadonlyMap<number, number> = new Map([
  [0x0809, 0],
  [0x0409, 4],
  [0x0209, 3],
  [0x0009, 2],
]);

/** Records that hold one cell each, and the least bytes that such a cell has, its value in whole. */
export const CELL_BYTES: ReadonlyMap<number, number> = new Map([
  [RECORD.NUMBER, 14],
  [RECORD.NUMBER_2, 15],
  [RECORD.INTEGER_2, 9],
  [RECORD.RK, 10],
  [RECORD.LABEL, 8],
  [RECORD.LABEL_2, 8],
  [RECORD.LABEL_SST, 10],
  [RECORD.RSTRING, 8],
  [RECORD.BOOL_ERR, 8],
  [RECORD.BOOL_ERR_2, 9],
  [RECORD.FORMULA, 17],
  [RECORD.FORMULA_3, 18],
  [RECORD.FORMULA_4, 18],
]);

/** Records of the workbook as a whole that are needed to read values. */
export const GLOBAL_RECORDS: ReadonlySet<number> = new Set([
  RECORD.DATE_1904,
  RECORD.CODE_PAGE,
  RECORD.BOUND_SHEET,
  RECORD.SST,
  RECORD.FORMAT,
  RECORD.FORMAT_2,
  RECORD.XF,
  RECORD.XF_2,
  RECORD.XF_3,
  RECORD.XF_4,
]);

/** The last text of a formula, in a record of its own behind it. */
export const STRING_RECORDS: ReadonlySet<number> = new Set([RECORD.STRING, RECORD.STRING_2]);

/** Records that go on in CONTINUE records. */
export const CONTINUED: ReadonlySet<number> = new Set([
  RECORD.SST,
  RECORD.STRING,
  RECORD.LABEL,
  RECORD.RSTRING,
  RECORD.FORMAT,
]);
