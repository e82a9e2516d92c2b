/** Endings of files of pictures, in lower case, without the point: what folders are searched for. */

/** Of the formats that `decodeImage` reads. */
export const PICTURE_ENDINGS: readonly string[] = [
  ...['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'bmp', 'tif', 'tiff', 'gif', 'avif'],
];

/** Of pictures in formats that are not read: in a folder they are counted and named, not passed over without a word. */
export const OTHER_PICTURE_ENDINGS: readonly string[] = [
  ...['heic', 'heif', 'jxl', 'jp2', 'j2k', 'psd', 'exr', 'hdr', 'ppm', 'pgm', 'pnm'],
  ...['cr2', 'cr3', 'nef', 'arw', 'dng', 'orf', 'rw2', 'raf'],
];
