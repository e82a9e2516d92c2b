/**
 * Frames as a Matroska stream, as RFC 9559 has it: raw RGB (`V_UNCOMPRESSED`), each frame in a cluster of its own with its time
 * stamp in microseconds. It is how ffmpeg is handed frames whose times are not those of a constant rate.
 */
import type { Size } from '../core/frame.js';

/** Before the first frame. @param frameRate frames a second on average: a frame's duration, where none follows it. */
export function matroskaHeader({ width, height }: Size, frameRate: number): Uint8Array {
  const duration = unsigned(0x23e383, Math.round(1e9 / frameRate));
  // A track of video, by its number, its codec and its size; `RGB` and 24 bits are how ffmpeg knows the pixels.
  const colours = element(0x2eb524, Uint8Array.of(0x52, 0x47, 0x42, 24));
  const video = element(0xe0, unsigned(0xb0, width), unsigned(0xba, height), colours);
  const codec = element(0x86, Buffer.from('V_UNCOMPRESSED'));
  const track = element(0xae, unsigned(0xd7, 1), unsigned(0x73c5, 1), unsigned(0x83, 1), codec, duration, video);
  const type = element(0x4282, Buffer.from('matroska'));
  return Buffer.concat([
    element(0x1a45dfa3, type, unsigned(0x4287, 4), unsigned(0x4285, 2)),
    // The segment, of a size that nobody knows yet.
    Uint8Array.of(0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    // Ticks of 1000 nanoseconds, and who writes.
    element(
      0x1549a966,
      unsigned(0x2ad7b1, 1000),
      element(0x4d80, Buffer.from('lowformer')),
      element(0x5741, Buffer.from('lowformer')),
    ),
    element(0x1654ae6b, track),
  ]);
}

/** Before the bytes of a frame, which follow. @param time seconds. @param length bytes of the frame. */
export function matroskaFrame(time: number, length: number): Uint8Array {
  const stamp = unsigned(0xe7, Math.round(time * 1e6));
  // Of track 1, at the cluster's own time, shown and a key frame.
  const block = Uint8Array.of(0x81, 0, 0, 0x80);
  const head = Buffer.concat([Uint8Array.of(0xa3), size(block.length + length), block]);
  return Buffer.concat([identifier(0x1f43b675), size(stamp.length + head.length + length), stamp, head]);
}

function element(id: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([identifier(id), size(length), ...content]);
}

function unsigned(id: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return element(id, bytes);
}

/** Identifiers bring their own length. */
function identifier(id: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

/** Eight bytes, whatever it is. */
function size(length: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length) | (1n << 56n));
  return bytes;
}
