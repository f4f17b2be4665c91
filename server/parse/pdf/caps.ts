/**
 * Bytes of WebAssembly memory for one document: the file itself and all that it unpacks to. Two of it fit into a parser
 * process of 768 MB: V8 holds an instance that was given up until the next one has taken its place.
 */
export const MEMORY_BYTES = 256 << 20;
/** Bytes of a file that leave it room to be read in. */
export const FILE_BYTES = 160 << 20;
/** Pages of one document. */
export const PAGES = 10_000;
/** Pages that may break the library before the document is given up. */
export const BROKEN_PAGES = 8;
/** Pages after which the library is made to forget what it keeps of them, such as each text. */
export const PAGES_AT_ONCE = 200;
/** Bytes of a file for each of them: the larger a file, the longer it takes to open it anew. */
export const BYTES_PER_PAGE = 64 << 10;
/** How often a document may be opened anew. */
export const FRESH_STARTS = 200;
/** Characters of one page. */
export const PAGE_CHARACTERS = 200_000;
/** Objects of one page, those in forms counted. */
export const PAGE_OBJECTS = 200_000;
/** Segments of the paths of one page. */
export const PAGE_SEGMENTS = 400_000;
/** Forms within forms that are followed. */
export const FORM_DEPTH = 12;
/** Annotations of one page that are looked at. */
export const PAGE_ANNOTATIONS = 2_000;
/** Ruling lines of one page after joining; with more it is a drawing. */
export const PAGE_RULINGS = 4_000;
/** Cells of one grid, the empty ones counted. */
export const GRID_CELLS = 100_000;
/** Cells of one table that wait for its last page. */
export const TABLE_CELLS = 2_000_000;
/** Bytes of text outside of tables that wait for the last page. */
export const TEXT_BYTES = 64 << 20;
/** Elements of the structure tree that are looked at for one page. */
export const STRUCTURE_ELEMENTS = 100_000;
/** Levels of it. */
export const STRUCTURE_DEPTH = 40;
/** Keys of a document's own about itself. */
export const METADATA_KEYS = 200;
/** Entries of an outline. */
export const OUTLINE_ENTRIES = 20_000;
/** Levels of it. */
export const OUTLINE_DEPTH = 64;
/** Fields of a form. */
export const FORM_FIELDS = 20_000;
/** Pixels of a page that is painted for text recognition: A4 at 300 to the inch. */
export const PICTURE_PIXELS = 9_000_000;
/** Pixels along one side of it. */
export const PICTURE_SIDE = 16_000;
/** Bytes of WebAssembly memory for text recognition. */
export const OCR_MEMORY_BYTES = 256 << 20;
/** Bytes of what is known of one language, unpacked. */
export const OCR_LANGUAGE_BYTES = 128 << 20;
/** Seconds of processor time for the recognition of one picture. */
export const OCR_PAGE_SECONDS = 60;
/** Pages whose recognition may fail before it is given up for the document. */
export const OCR_FAILURES = 3;
