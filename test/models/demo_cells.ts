/** The shipped trained detector on its drawn scene: what a device's numbers come to for a person. */
import { fileURLToPath } from 'node:url';
import type { Detection } from '../../core/results.js';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { type LoadOptions, loadDetector } from '../../models/load_model.js';

const asset = (name: string) => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));

/** The cells that are found with some certainty. */
export async function demoCells(options: LoadOptions): Promise<readonly Detection[]> {
  const checkpoint = asset('blood_cells.safetensors');
  await using model = await loadDetector(asset('blood_cells.json'), { checkpoint, ...options });
  const { detections } = await model.predict(drawDemoScene(6).image);
  return detections.filter(({ score }) => score >= 0.3);
}

/** Of cells in the same order of category and place: the largest difference of a box's side, in pixels, and of a score. */
export function differences(a: readonly Detection[], b: readonly Detection[]): { pixels: number; score: number } {
  const sides = a.flatMap((cell, i) =>
    cell.box.map((side, k) => Math.abs(side - (counterpart(cell, b, i).box[k] ?? 0))),
  );
  const scores = a.map((cell, i) => Math.abs(cell.score - counterpart(cell, b, i).score));
  return { pixels: Math.max(...sides), score: Math.max(...scores) };
}

/** Scores that are nearly the same may change places: the one of the category that lies nearest. */
function counterpart(cell: Detection, others: readonly Detection[], place: number): Detection {
  const distance = ({ box }: Detection) => box.reduce((sum, side, k) => sum + Math.abs(side - (cell.box[k] ?? 0)), 0);
  const [nearest] = others
    .filter(({ classIndex }) => classIndex === cell.classIndex)
    .toSorted((a, b) => distance(a) - distance(b));
  if (nearest === undefined) throw new Error(`nothing like cell ${place}`);
  return nearest;
}
