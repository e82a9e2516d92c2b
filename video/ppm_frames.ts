/** Frames out of a stream of PPM files (P6, 8 bits), each of which says its size: what ffmpeg's `ppm` encoder writes. */
import type { RgbImage } from '../core/frame.js';

/** Cuts a stream that comes in pieces of any length. A frame has memory of its own; its pixels are copied once. */
export interface PpmCutter {
  /** What is complete with this piece. @throws {RangeError} for what is no PPM. */
  push(piece: Uint8Array): readonly RgbImage[];
  /** Bytes of a frame that is not complete, 0 between two frames. */
  readonly begun: number;
}

/** `P6\n1280 720\n255\n`, as ffmpeg writes it; sides have at most nine digits here. */
const HEADER = /^P6\n(\d{1,9}) (\d{1,9})\n255\n/;
const LONGEST_HEADER = 32;

/** An empty one. */
export function ppmCutter(): PpmCutter {
  let header = '';
  let frame: { readonly width: number; readonly height: number; readonly data: Uint8Array } | undefined;
  let filled = 0;

  /** Takes a header's bytes from `piece`; the frame is there once it is complete. @returns how many it took. */
  const readHeader = (piece: Uint8Array): number => {
    const before = header.length;
    header += Buffer.from(piece.subarray(0, LONGEST_HEADER - before)).toString('latin1');
    const match = HEADER.exec(header);
    if (match === null) {
      if (header.length >= LONGEST_HEADER) throw new RangeError(`no PPM: ${JSON.stringify(header)}`);
      return header.length - before;
    }
    const [whole, width, height] = [match[0], Number(match[1]), Number(match[2])];
    frame = { width, height, data: new Uint8Array(width * height * 3) };
    header = '';
    filled = 0;
    return whole.length - before;
  };

  return {
    push(piece) {
      const complete: RgbImage[] = [];
      for (let at = 0; at < piece.length; ) {
        if (frame === undefined) {
          at += readHeader(piece.subarray(at));
          continue;
        }
        const part = piece.subarray(at, at + frame.data.length - filled);
        frame.data.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < frame.data.length) continue;
        complete.push(frame);
        frame = undefined;
      }
      return complete;
    },
    get begun() {
      return frame === undefined ? header.length : filled;
    },
  };
}
