import { describe, expect, it } from 'vitest';
import { DEVICE_NAMES, deviceNeeds, isDeviceName } from '../../../engines/onnxruntime/device_guide.js';

describe('deviceNeeds', () => {
  it.each([
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['win32', 'x64'],
    ['win32', 'arm64'],
    ['darwin', 'arm64'],
  ])('has an answer for every device on %s %s', (platform, arch) => {
    for (const name of DEVICE_NAMES) expect(deviceNeeds(name, { platform, arch }), name).toMatch(/^\S.{6,}[^.]$/);
  });

  it('names the versions of CUDA, and the script that brings the libraries, where they can be had', () => {
    const needs = deviceNeeds('cuda', { platform: 'linux', arch: 'x64' });
    for (const part of ['CUDA 12', 'cuDNN 9', 'driver', 'onnxruntime-node/script/install.js'])
      expect(needs).toContain(part);
    expect(deviceNeeds('cuda', { platform: 'win32', arch: 'x64' })).toMatch(/^Linux on x64/);
  });
});

it('isDeviceName knows the six, and nothing else', () => {
  expect(DEVICE_NAMES.every(isDeviceName)).toBe(true);
  expect(['gpu', '', 'CPU'].some(isDeviceName)).toBe(false);
});
