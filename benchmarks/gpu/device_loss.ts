/** The Vulkan layer of device_loss.c, by which a process loses its graphics device when it says so. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'VK_LAYER_LOWFORMER_device_loss';

export interface DeviceLoss {
  /** For a process that has not loaded Vulkan yet. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on the device that there is counts as lost; one that is made later works. */
  lose(): void;
}

/** @param library what device_loss.c was compiled to. @param folder for the layer's description, and a file that says when. */
export function deviceLoss(library: string, folder: string): DeviceLoss {
  const layer = {
    name: NAME,
    type: 'GLOBAL',
    library_path: library,
    api_version: '1.3.0',
    implementation_version: '1',
    description: 'Loses the device when it is told to',
  };
  writeFileSync(join(folder, `${NAME}.json`), JSON.stringify({ file_format_version: '1.1.2', layer }));
  const sign = join(folder, 'lose-the-device');
  return {
    env: { VK_LAYER_PATH: folder, VK_INSTANCE_LAYERS: NAME, LOWFORMER_LOSE_DEVICE: sign },
    lose: () => writeFileSync(sign, ''),
  };
}
