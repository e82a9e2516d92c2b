/** Formats of pictures that are not read here, by how their files begin: the file is whole, and another format is the way. */

/** Bytes in latin1, from a place on. */
const BEGINNINGS: readonly (readonly [format: string, at: number, text: string])[] = [
  ['JPEG XL', 0, '\xff\x0a'],
  ['JPEG XL', 4, 'JXL '],
  ['JPEG 2000', 4, 'jP  '],
  ['JPEG 2000', 0, '\xff\x4f\xff\x51'],
  ['HEIC', 4, 'ftyphei'],
  ['HEIC', 4, 'ftyphev'],
  ['HEIF', 4, 'ftypmif1'],
  ["a camera's raw file (CR3)", 4, 'ftypcrx'],
  ["a camera's raw file (RAF)", 0, 'FUJIFILM'],
  ["a camera's raw file (ORF)", 0, 'IIRO'],
  ["a camera's raw file (RW2)", 0, 'IIU\0'],
  ['a Photoshop document', 0, '8BPS'],
  ['OpenEXR', 0, '\x76\x2f\x31\x01'],
  ['Radiance HDR', 0, '#?'],
  ['a Windows icon', 0, '\0\0\x01\0'],
  ['a PNM picture', 0, 'P4\n'],
  ['a PNM picture', 0, 'P5\n'],
  ['a PNM picture', 0, 'P6\n'],
  ['DirectDraw Surface', 0, 'DDS '],
  ['PDF', 0, '%PDF'],
  ['a film', 4, 'ftypisom'],
  ['a film', 4, 'ftypmp4'],
  ['a film', 4, 'ftypqt'],
  ['a film', 0, '\x1a\x45\xdf\xa3'],
];

/** What the file is, where it is a known format that is not read; undefined for anything else. */
export function otherFormat(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16)).toString('latin1');
  return BEGINNINGS.find(([, at, text]) => start.startsWith(text, at))?.[0];
}
