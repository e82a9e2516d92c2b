import demoConfig from '../../../assets/blood_cells.json?url';
import demoCheckpoint from '../../../assets/blood_cells.safetensors?url';
import type { ModelChoice } from './open_prediction.js';

/** The small detector of blood cells that comes with the page. */
export const DEMO_MODEL: Pick<ModelChoice, 'config' | 'checkpoint' | 'files'> = {
  config: new URL(demoConfig, import.meta.url),
  checkpoint: new URL(demoCheckpoint, import.meta.url),
  files: {},
};
