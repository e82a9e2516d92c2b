import { fileURLToPath } from 'node:url';
import { packageRoot } from '../files/package_version.js';

interface ShippedModel {
  /** Both in `assets/`. */
  readonly config: string;
  readonly checkpoint: string;
}

/** Trained models that come with the package: one name opens config and weights. No shipped config has such a name. */
export const SHIPPED_MODELS: Readonly<Record<string, ShippedModel>> = {
  'blood-cells': { config: 'blood_cells.json', checkpoint: 'blood_cells.safetensors' },
  'scenes-detector': { config: 'scenes_detector.json', checkpoint: 'scenes_detector.safetensors' },
  'scenes-segmentor': { config: 'scenes_segmentor.json', checkpoint: 'scenes_segmentor.safetensors' },
};

/** Each as a config by its name: the file in `assets/`, which names no weights, with `load_from`. Paths are absolute. */
export function shippedModelConfigs(): readonly (readonly [name: string, config: unknown])[] {
  const asset = (name: string) => fileURLToPath(new URL(`assets/${name}`, packageRoot()));
  return Object.entries(SHIPPED_MODELS).map(([name, { config, checkpoint }]) => [
    name,
    // Looked up for the one that is opened: where the package is bundled, `assets/` may not be beside it.
    {
      get _base_() {
        return asset(config);
      },
      get load_from() {
        return asset(checkpoint);
      },
    },
  ]);
}
