/** A large picture from the top down, some rows at a time: each row is read once, and the next ones while these are used. */
import type { PartedPicture, RgbImage } from '../core/frame.js';

export interface PictureStrips {
  /**
   * The strip that begins at one of the tops, as wide as the picture. Asked from the top down: what lies above is let go.
   * @throws what reading the picture throws.
   */
  at(top: number): Promise<RgbImage>;
}

/** @param tops ascending. @param height of every strip. */
export function pictureStrips(picture: PartedPicture, tops: readonly number[], height: number): PictureStrips {
  let held: { readonly top: number; readonly strip: Promise<RgbImage> } | undefined;
  let coming: typeof held;
  const read = (top: number): NonNullable<typeof held> => {
    const before = held;
    const strip = (async () => {
      const known = before === undefined ? 0 : Math.max(0, before.top + height - top);
      if (before === undefined || known === 0) return picture.read({ left: 0, top, width: picture.width, height });
      return continued(await before.strip, picture, { top, height, known });
    })();
    // It is told where it is asked for.
    strip.catch(() => {});
    return { top, strip };
  };
  return {
    async at(top) {
      if (held?.top !== top) {
        held = coming?.top === top ? coming : read(top);
        coming = undefined;
      }
      const { strip } = held;
      const image = await strip;
      const next = tops[tops.indexOf(top) + 1];
      if (next !== undefined && held.top === top) coming ??= read(next);
      return image;
    },
  };
}

/** What the strip before has of a strip is copied, the rest is read. @param known rows that it has. */
async function continued(
  before: RgbImage,
  picture: PartedPicture,
  { top, height, known }: { readonly top: number; readonly height: number; readonly known: number },
): Promise<RgbImage> {
  const { width } = picture;
  const rest = await picture.read({ left: 0, top: top + known, width, height: height - known });
  const data = new Uint8Array(width * height * 3);
  data.set(before.data.subarray((before.height - known) * width * 3));
  data.set(rest.data, known * width * 3);
  return { width, height, data };
}
