import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { init } from '@embedpdf/pdfium';
import { MEMORY_BYTES } from './caps.ts';

/** A function of the library: pointers, numbers and truth values go in and come out as numbers. */
type Call = (...args: number[]) => number;

/** The functions of pdfium (public/fpdf*.h; EPDF… are the package's own) that are used. Those that fill a float or double take its address. */
export type PdfiumFunction =
  | 'malloc'
  | 'free'
  | 'FPDF_InitLibrary'
  | 'FPDF_GetLastError'
  | 'FPDF_CloseDocument'
  | 'FPDF_GetPageCount'
  | 'FPDF_LoadPage'
  | 'FPDF_ClosePage'
  | 'FPDF_GetPageWidthF'
  | 'FPDF_GetPageHeightF'
  | 'FPDFPage_CountObjects'
  | 'FPDFPage_GetObject'
  | 'FPDFPage_GetAnnotCount'
  | 'FPDFPage_GetAnnot'
  | 'FPDFPage_CloseAnnot'
  | 'FPDFPage_Flatten'
  | 'FPDFPageObj_GetType'
  | 'FPDFPageObj_GetMatrix'
  | 'FPDFFormObj_CountObjects'
  | 'FPDFFormObj_GetObject'
  | 'FPDFPath_GetDrawMode'
  | 'FPDFPath_CountSegments'
  | 'FPDFPath_GetPathSegment'
  | 'FPDFPathSegment_GetType'
  | 'FPDFPathSegment_GetPoint'
  | 'FPDFPathSegment_GetClose'
  | 'FPDFAnnot_GetSubtype'
  | 'FPDFAnnot_GetAP'
  | 'EPDFAnnot_GenerateFormFieldAP'
  | 'EPDFAnnot_GenerateAppearance'
  | 'FPDFText_LoadPage'
  | 'FPDFText_ClosePage'
  | 'FPDFText_CountChars'
  | 'FPDFText_GetUnicode'
  | 'FPDFText_HasUnicodeMapError'
  | 'FPDFText_GetFontSize'
  | 'FPDFText_GetLooseCharBox'
  | 'FPDFText_GetCharOrigin'
  | 'FPDFText_GetMatrix'
  | 'FPDFText_GetTextObject'
  | 'FPDFPageObj_GetMarkedContentID'
  | 'FPDFCatalog_IsTagged'
  | 'FPDF_StructTree_GetForPage'
  | 'FPDF_StructTree_Close'
  | 'FPDF_StructTree_CountChildren'
  | 'FPDF_StructTree_GetChildAtIndex'
  | 'FPDF_StructElement_GetType'
  | 'FPDF_StructElement_CountChildren'
  | 'FPDF_StructElement_GetChildAtIndex'
  | 'FPDF_StructElement_GetChildMarkedContentID'
  | 'FPDF_StructElement_GetAttributeCount'
  | 'FPDF_StructElement_GetAttributeAtIndex'
  | 'FPDF_StructElement_Attr_GetValue'
  | 'FPDF_StructElement_Attr_GetNumberValue'
  | 'FPDF_GetMetaText'
  | 'EPDF_GetMetaKeyCount'
  | 'EPDF_GetMetaKeyName'
  | 'FPDFBookmark_GetFirstChild'
  | 'FPDFBookmark_GetNextSibling'
  | 'FPDFBookmark_GetTitle'
  | 'FPDFBookmark_GetDest'
  | 'FPDFBookmark_GetAction'
  | 'FPDFAction_GetDest'
  | 'FPDFDest_GetDestPageIndex'
  | 'FPDF_GetFormType'
  | 'PDFiumExt_OpenFormFillInfo'
  | 'PDFiumExt_InitFormFillEnvironment'
  | 'PDFiumExt_ExitFormFillEnvironment'
  | 'FPDFPage_RemoveAnnot'
  | 'FPDFAnnot_GetRect'
  | 'FPDFAnnot_GetFormFieldType'
  | 'FPDFAnnot_GetFormFieldName'
  | 'FPDFAnnot_GetFormFieldAlternateName'
  | 'FPDFAnnot_GetFormFieldValue'
  | 'FPDFAnnot_GetOptionCount'
  | 'FPDFAnnot_GetOptionLabel'
  | 'FPDFAnnot_IsOptionSelected'
  | 'FPDFPage_GetRotation'
  | 'FPDF_GetPageBoundingBox'
  | 'FPDFBitmap_CreateEx'
  | 'FPDFBitmap_FillRect'
  | 'FPDFBitmap_GetBuffer'
  | 'FPDFBitmap_GetStride'
  | 'FPDFBitmap_Destroy'
  | 'FPDF_RenderPageBitmapWithMatrix';

/** One instance of the library. After it has thrown, it must not be called again; take a new one. */
export interface Pdfium {
  readonly call: Readonly<Record<PdfiumFunction, Call>>;
  /** Opens the `size` bytes at `address`, which must stay there; 0 says that it could not. */
  load(address: number, size: number, password: string): number;
  /** Its memory; as floats, the one at an address is at a quarter of it. Any call may spoil the views. */
  bytes(): Uint8Array;
  floats(): Float32Array;
  /** A place for what functions give back, 64 bytes. */
  readonly scratch: number;
  /** What a function gives that fills a buffer with UTF-16 up to a NUL, and returns how many bytes that takes. */
  text(fill: (address: number, bytes: number) => number): string;
  /** What `use` makes of the address of a copy of `bytes` with a NUL behind it, which is wiped when it returns. */
  lend(bytes: string, use: (address: number) => number): number;
  /** The float or double at an address, which is a multiple of 4 or 8. */
  float(address: number): number;
  double(address: number): number;
  /** Whether more memory than the cap was asked for. */
  readonly outOfMemory: boolean;
}

/** The part of WebAssembly's interface used here: Node has it, the types for ES2024 do not. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<object>;
};

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const PAGE_BYTES = 65_536;
const SCRATCH_BYTES = 64;
const LONGEST_TEXT = 16 << 20;
let compiled: Promise<object> | undefined;

/**
 * A new instance of pdfium with at most 256 MiB of memory of its own, compiled once for the process. Its functions are
 * called directly: the package's wrappers take 3 to 6 times as long. A bomb makes a call throw, never the process end.
 */
export async function createPdfium(): Promise<Pdfium> {
  compiled ??= compile();
  const module = await compiled;
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const instantiateWasm = (imports: object, receive: (instance: object) => void) => {
    WebAssembly.instantiate(module, imports).then(receive, reject);
    return {};
  };
  const silent = () => undefined;
  const { pdfium } = await Promise.race([init({ instantiateWasm, print: silent, printErr: silent }), failed]);
  const exports = pdfium.wasmExports as unknown as Record<string, Call> & { memory: Memory };
  const memory = capMemory(exports.memory);
  exports.FPDF_InitLibrary!();
  return createAccess(exports, memory);
}

async function compile(): Promise<object> {
  return WebAssembly.compile(await readFile(fileURLToPath(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm'))));
}

interface CappedMemory {
  readonly memory: Memory;
  refused: boolean;
}

function capMemory(memory: Memory): CappedMemory {
  const capped = { memory, refused: false };
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * PAGE_BYTES > MEMORY_BYTES) {
      capped.refused = true;
      throw new RangeError('pdfium asked for more memory than it may have');
    }
    return grow(pages);
  };
  return capped;
}

function createAccess(exports: Record<string, Call>, capped: CappedMemory): Pdfium {
  const { memory } = capped;
  let views = viewsOf(memory);
  /** Growing takes the memory away from the views of it, which then are empty. */
  const seen = () => {
    if (views.bytes.length === 0) views = viewsOf(memory);
    return views;
  };
  function lend(bytes: string, use: (address: number) => number): number {
    const copy = Buffer.from(`${bytes}\0`);
    const address = exports.malloc!(copy.length) >>> 0;
    seen().bytes.set(copy, address);
    const result = use(address);
    seen().bytes.fill(0, address, address + copy.length);
    exports.free!(address);
    return result;
  }
  return {
    call: exports as Record<PdfiumFunction, Call>,
    // 64-bit sizes are a pair of arguments only in name: size_t has 32 bits here.
    load: (address, size, password) => lend(password, (given) => exports.FPDF_LoadMemDocument64!(address, size, given)),
    lend,
    text(fill) {
      const bytes = fill(0, 0) >>> 0;
      if (bytes <= 2) return '';
      if (bytes > LONGEST_TEXT) throw new RangeError('pdfium has a text that is too long');
      const address = exports.malloc!(bytes) >>> 0;
      fill(address, bytes);
      const written = Buffer.from(memory.buffer, address, bytes - 2).toString('utf16le');
      exports.free!(address);
      return written.toWellFormed();
    },
    bytes: () => seen().bytes,
    floats: () => seen().floats,
    scratch: exports.malloc!(SCRATCH_BYTES),
    float: (address) => seen().floats[address >> 2]!,
    double: (address) => seen().doubles[address >> 3]!,
    get outOfMemory() {
      return capped.refused;
    },
  };
}

interface Views {
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
}

function viewsOf({ buffer }: Memory): Views {
  return { bytes: new Uint8Array(buffer), floats: new Float32Array(buffer), doubles: new Float64Array(buffer) };
}
