import type { Size } from '../core/frame.js';
import type { Box } from '../core/results.js';

/** One way to write a tag, with its size in pixels. */
export interface TagForm extends Size {
  readonly text: string;
  readonly fontSize: number;
}

export interface PlacedTag extends TagForm {
  readonly x: number;
  readonly y: number;
}

/** What is to be labelled: its outline in whole pixels, and the forms its tag may take, best first. */
export interface Labelled {
  readonly outline: Box;
  readonly forms: readonly TagForm[];
}

/**
 * Finds a place for every tag, greedily, in the order given: above its box, below, inside, at the left edge or the
 * right, the first place that covers no earlier tag. A box too small for its tag goes without one when no such
 * place is left; a large box keeps its tag where that covers the least. Every tag lies inside the picture.
 */
export function placeTags(picture: Size, items: readonly Labelled[]): readonly (PlacedTag | undefined)[] {
  const taken = new TakenPlaces();
  return items.map(({ outline, forms }) => {
    const tag = findPlace(picture, outline, forms, taken);
    if (tag !== undefined) taken.add(tag);
    return tag;
  });
}

function findPlace(picture: Size, outline: Box, forms: readonly TagForm[], taken: TakenPlaces): PlacedTag | undefined {
  let least: { tag: PlacedTag; covered: number } | undefined;
  for (const form of forms) {
    if (form.width > picture.width || form.height > picture.height) continue;
    for (const tag of places(picture, outline, form)) {
      const covered = taken.coveredBy(tag) / (tag.width * tag.height);
      if (covered === 0) return tag;
      if (least === undefined || covered < least.covered) least = { tag, covered };
    }
  }
  if (least === undefined) return undefined;
  const [x1, y1, x2, y2] = outline;
  const roomy = x2 - x1 >= least.tag.width && y2 - y1 >= 2 * least.tag.height;
  return roomy && least.covered < 0.5 ? least.tag : undefined;
}

function places(picture: Size, [x1, y1, x2, y2]: Box, form: TagForm): readonly PlacedTag[] {
  const { width, height } = form;
  const corners = [
    [x1, y1 - height],
    [x2 - width, y1 - height],
    [x1, y1],
    [x1, y2],
    [x2 - width, y2],
    [x2 - width, y1],
    [x1, y2 - height],
    [x2 - width, y2 - height],
    [x2, y1],
    [x1 - width, y1],
  ] as const;
  return corners.map(([x, y]) => ({
    ...form,
    x: Math.min(Math.max(x, 0), picture.width - width),
    y: Math.min(Math.max(y, 0), picture.height - height),
  }));
}

/** Tags already placed, by the squares of a grid, so that a thousand boxes stay quick. */
class TakenPlaces {
  readonly #square = 64;
  readonly #bySquare = new Map<string, PlacedTag[]>();

  add(tag: PlacedTag): void {
    for (const square of this.#squares(tag)) {
      const there = this.#bySquare.get(square);
      if (there === undefined) this.#bySquare.set(square, [tag]);
      else there.push(tag);
    }
  }

  /** Pixels of earlier tags that `tag` would cover; twice where two earlier ones overlap. */
  coveredBy(tag: PlacedTag): number {
    const near = new Set([...this.#squares(tag)].flatMap((square) => this.#bySquare.get(square) ?? []));
    let pixels = 0;
    for (const other of near) {
      const width = Math.min(tag.x + tag.width, other.x + other.width) - Math.max(tag.x, other.x);
      const height = Math.min(tag.y + tag.height, other.y + other.height) - Math.max(tag.y, other.y);
      if (width > 0 && height > 0) pixels += width * height;
    }
    return pixels;
  }

  *#squares({ x, y, width, height }: PlacedTag): Generator<string> {
    for (let row = Math.floor(y / this.#square); row * this.#square < y + height; row++) {
      for (let column = Math.floor(x / this.#square); column * this.#square < x + width; column++) {
        yield `${row},${column}`;
      }
    }
  }
}
