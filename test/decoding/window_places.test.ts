import { expect, test } from 'vitest';
import { windowCounts, windowPlaces } from '../../decoding/window_places.js';
import { seededRandom } from '../random.js';

test('windows lie where mmseg’s loop puts them, and cover every pixel', () => {
  const random = seededRandom(12);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  for (let round = 0; round < 500; round++) {
    const picture = { width: between(1, 200), height: between(1, 200) };
    const crop = { width: between(1, 120), height: between(1, 120) };
    const stride = { width: between(1, crop.width), height: between(1, crop.height) };
    const { size, lefts, tops } = windowPlaces(picture, { crop, stride });
    const axis = (side: 'width' | 'height') => {
      const grids = Math.floor(Math.max(picture[side] - crop[side] + stride[side] - 1, 0) / stride[side]) + 1;
      const spans = Array.from({ length: grids }, (_, i) => {
        const end = Math.min(i * stride[side] + crop[side], picture[side]);
        return [Math.max(end - crop[side], 0), end];
      });
      return Uint32Array.from(spans.flat());
    };
    const windows = (starts: readonly number[], length: number) =>
      Uint32Array.from(starts.flatMap((start) => [start, start + length]));
    expect(windows(lefts, size.width)).toEqual(axis('width'));
    expect(windows(tops, size.height)).toEqual(axis('height'));
    const covered = windowCounts(lefts, size.width, { start: 0, end: picture.width });
    expect(covered).toEqual(
      Uint32Array.from(
        { length: picture.width },
        (_, x) => lefts.filter((left) => left <= x && x < left + size.width).length,
      ),
    );
    expect(Math.min(...covered)).toBeGreaterThan(0);
    const [start, end] = [picture.width >> 2, (picture.width >> 2) + 1];
    expect(windowCounts(lefts, size.width, { start, end })).toEqual(covered.slice(start, end));
  }
});
