/** The fields of a form and, after them, one file, whose content is read as it is sent. */
export interface Form {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly filename: string;
  readonly content: ReadableStream<Uint8Array>;
}

/**
 * A form as the bytes of `multipart/form-data` (RFC 7578). Memory does not grow
 * with the file. `onBytes` is told how many bytes of the file have been handed on.
 */
export function multipart(form: Form, boundary: string, onBytes: (count: number) => void): ReadableStream<Uint8Array> {
  const parts = partsOf(form, boundary, onBytes);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await parts.return();
    },
  });
}

async function* partsOf({ fields, filename, content }: Form, boundary: string, onBytes: (count: number) => void) {
  const encoder = new TextEncoder();
  const head = (disposition: string) => `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`;
  const texts = fields.map(([name, value]) => `${head(`name=${quote(name)}`)}\r\n${value}\r\n`);
  const file = `${head(`name="file"; filename=${quote(filename)}`)}content-type: application/octet-stream\r\n\r\n`;
  yield encoder.encode(texts.join('') + file);
  const reader = content.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      yield part.value;
      onBytes(part.value.length);
    }
  } finally {
    await reader.cancel();
  }
  yield encoder.encode(`\r\n--${boundary}--\r\n`);
}

/** A quoted string (RFC 2183, 2); a line end, which cannot stand in one, as browsers write it. */
const quote = (text: string): string =>
  `"${text.replace(/["\\]/g, '\\$&').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}"`;
