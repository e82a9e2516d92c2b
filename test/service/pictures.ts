import sharp from 'sharp';

/** A PNG of one shade. */
export function png(width: number, height: number, shade = 200): Promise<Buffer> {
  const background = { r: shade, g: shade, b: shade };
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
}

export interface FormPart {
  readonly name?: string;
  readonly filename?: string;
  readonly content: Uint8Array | string;
}

export const BOUNDARY = 'a-boundary';
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** A form as its bytes. */
export function form(parts: readonly FormPart[], end = `--${BOUNDARY}--\r\n`): Buffer {
  const pieces = parts.flatMap(({ name = 'picture', filename, content }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"\r\ncontent-type: image/png`;
    return [`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`, content, '\r\n'];
  });
  return Buffer.concat([...pieces, end].map((piece) => Buffer.from(piece)));
}
