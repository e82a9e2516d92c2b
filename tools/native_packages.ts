/** Which native packages work here; nothing fails where one does not. */
import { LowformerError } from '../core/errors.js';
import { loadCanvas } from '../drawing/font.js';
import { type Devices, inspectDevices } from '../engines/index.js';
import { loadSharp } from '../images/load_sharp.js';

/** A package with a native library: its version, or what is missing and how to get it. */
export type PackageState =
  | { readonly name: string; readonly available: true; readonly version?: string }
  | { readonly name: string; readonly available: false; readonly needs: string };

/** ONNX Runtime with the devices that it finds; none where the package is missing. */
export async function inspectOnnxruntime(): Promise<{
  readonly state: PackageState;
  readonly version: string;
  readonly devices: Devices['devices'];
}> {
  const name = 'onnxruntime-node';
  try {
    const { onnxruntime: version, devices } = await inspectDevices();
    return { state: { name, available: true, version }, version, devices };
  } catch (error) {
    return { state: missing(name, error), version: '', devices: [] };
  }
}

/** What reads, writes and draws pictures. */
export function inspectPicturePackages(): Promise<readonly PackageState[]> {
  return Promise.all([
    packageState('sharp', async () => ({ version: (await loadSharp()).versions.sharp ?? '' })),
    packageState('canvas', async () => {
      await loadCanvas();
      return {};
    }),
  ]);
}

async function packageState(name: string, load: () => Promise<{ readonly version?: string }>): Promise<PackageState> {
  try {
    return { name, available: true, ...(await load()) };
  } catch (error) {
    return missing(name, error);
  }
}

/** @throws what is no missing package. */
function missing(name: string, error: unknown): PackageState {
  if (!(error instanceof LowformerError) || error.code !== 'missing-package') throw error;
  return { name, available: false, needs: error.parts.hint ?? error.message };
}
