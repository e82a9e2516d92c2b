/** The Vulkan layer of driver_faults.c, by which a driver fails in a process when it is told to. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'VK_LAYER_LOWFORMER_driver_faults';

/** Environments for processes that have not loaded Vulkan yet. */
export interface DriverFaults {
  /** With a driver that loses its device when `lose` says so. */
  readonly losing: Readonly<Record<string, string>>;
  /** From now on the device that there is counts as lost; one that is made later works. */
  lose(): void;
  /**
   * With a driver in which a call never returns.
   * @param call instances, devices, work given out, work waited for.
   * @param once the process that takes this file away hangs, and no other one.
   */
  hanging(call: HangingCall, once?: string): Readonly<Record<string, string>>;
  /** With a driver of so many megabytes of memory. */
  small(megabytes: number): Readonly<Record<string, string>>;
}

export type HangingCall = 'vkCreateInstance' | 'vkCreateDevice' | 'vkQueueSubmit' | 'vkWaitForFences';

/** @param library what driver_faults.c was compiled to. @param folder for the layer's description, and a file that says when. */
export function driverFaults(library: string, folder: string): DriverFaults {
  const layer = {
    name: NAME,
    type: 'GLOBAL',
    library_path: library,
    api_version: '1.3.0',
    implementation_version: '1',
    description: 'Fails as drivers do when it is told to',
  };
  writeFileSync(join(folder, `${NAME}.json`), JSON.stringify({ file_format_version: '1.1.2', layer }));
  const sign = join(folder, 'lose-the-device');
  const loaded = { VK_LAYER_PATH: folder, VK_INSTANCE_LAYERS: NAME };
  return {
    losing: { ...loaded, LOWFORMER_LOSE_DEVICE: sign },
    lose: () => writeFileSync(sign, ''),
    hanging: (call, once) => ({
      ...loaded,
      LOWFORMER_HANG_IN: call,
      ...(once === undefined ? {} : { LOWFORMER_HANG_FILE: once }),
    }),
    small: (megabytes) => ({ ...loaded, LOWFORMER_DEVICE_MEMORY: String(megabytes) }),
  };
}
