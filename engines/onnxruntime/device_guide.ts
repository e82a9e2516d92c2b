/** What each device needs, for a person whose machine lacks it. */

/** Every device that some build of ONNX Runtime for Node offers, the processor first. */
export const DEVICE_NAMES = ['cpu', 'webgpu', 'cuda', 'tensorrt', 'coreml', 'dml'] as const;

export type DeviceName = (typeof DEVICE_NAMES)[number];

export function isDeviceName(name: string): name is DeviceName {
  return DEVICE_NAMES.some((known) => known === name);
}

/** As Node calls them: `linux`, `x64`. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

const CUDA =
  'an NVIDIA driver from 525.60 on, CUDA 12 and cuDNN 9 in the library path, and the provider libraries (ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js), or the same for CUDA 13 as docs/devices.md has it';
const VULKAN =
  'a Vulkan loader and a current graphics driver: on Debian libvulkan1, and mesa-vulkan-drivers (25 works, 22 is too old) or the driver of NVIDIA';

/** What stands behind "it needs": for a device that the runtime for this machine lacks, the machines that have it. */
export function deviceNeeds(device: DeviceName, { platform, arch }: Machine): string {
  const here = `${platform} ${arch}`;
  switch (device) {
    case 'cpu':
      return 'Linux, Windows or macOS on x64 or ARM64';
    case 'webgpu':
      if (here === 'linux arm64') return 'Linux on x64, Windows or macOS';
      return platform === 'linux' ? VULKAN : 'a graphics device with a current driver';
    case 'cuda':
      return here === 'linux x64' ? CUDA : 'Linux on x64; elsewhere webgpu, dml or coreml use the graphics device';
    case 'tensorrt':
      return here === 'linux x64'
        ? 'TensorRT 10 for the same CUDA in the library path, and all that cuda needs'
        : 'Linux on x64';
    case 'coreml':
      return 'macOS on Apple silicon';
    case 'dml':
      return 'Windows 10 from 1903 on, and a graphics device with a current driver for DirectX 12';
  }
}
