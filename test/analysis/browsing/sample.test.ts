import { describe, expect, it } from 'vitest';
import { samplePictures } from '../../../analysis/browsing/sample.js';
import { seededRandom } from '../../random.js';

/** 1000 pictures with class 0, every 100th with one of classes 1 to 5 besides. */
const classesOf = Array.from({ length: 1000 }, (_, i) => (i % 100 === 7 ? [0, 1 + (Math.floor(i / 100) % 5)] : [0]));

describe('samplePictures', () => {
  it('shows every class, rare ones too, as far as the count allows', () => {
    for (let seed = 0; seed < 20; seed++) {
      const chosen = samplePictures(classesOf, 5, seed);
      expect(new Set(chosen.flatMap((i) => classesOf[i] ?? []))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    }
    expect(samplePictures(classesOf, 2, 0).map((i) => i % 100)).toEqual([7, 7]);
  });

  it('prefers pictures with several classes that are not shown yet', () => {
    expect(samplePictures([[0], [1], [2], [0, 1, 2], [2], [1], [0]], 1, 3)).toEqual([3]);
  });

  it('is the same for one seed, and another for another', () => {
    const choices = Array.from({ length: 10 }, (_, seed) => samplePictures(classesOf, 24, seed));
    choices.forEach((choice, seed) => {
      expect(samplePictures(classesOf, 24, seed)).toEqual(choice);
    });
    expect(new Set(choices.map(String)).size).toBe(10);
  });

  it('gives as many pictures as wanted or as there are, each once, ascending', () => {
    const random = seededRandom(4);
    for (let run = 0; run < 50; run++) {
      const pictures = Array.from({ length: Math.floor(random() * 30) }, () =>
        Array.from({ length: Math.floor(random() * 4) }, () => Math.floor(random() * 12)),
      );
      const count = 1 + Math.floor(random() * 20);
      const chosen = samplePictures(pictures, count, run);
      expect(chosen).toHaveLength(Math.min(count, pictures.length));
      expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
      expect(chosen.every((i) => i >= 0 && i < pictures.length)).toBe(true);
    }
  });

  it('draws what is left evenly: no place in the dataset is favoured', () => {
    const hits = new Array<number>(10).fill(0);
    const plain = Array.from({ length: 10 }, () => []);
    for (let seed = 0; seed < 2000; seed++)
      for (const i of samplePictures(plain, 3, seed)) hits[i] = (hits[i] ?? 0) + 1;
    for (const count of hits) expect(Math.abs(count - 600)).toBeLessThan(100);
  });
});
