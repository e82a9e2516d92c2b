/** The package that calls a C library's functions. This is the only place that names it. */
import { findPackage, ownRequire } from '../optional_packages.js';
import { reasonOf } from '../reason.js';
import { WorkerFailure } from '../thread/channel.js';

/** What of the package is used. */
export interface Koffi {
  load(file: string): { func(name: string, result: unknown, parameters: readonly unknown[]): NativeFunction };
  struct(members: Readonly<Record<string, unknown>>): unknown;
  array(of: unknown, length: number): unknown;
  pointer(to: unknown): unknown;
  out(type: unknown): unknown;
  /** The bytes at an address, without a copy: they are no longer there when the library frees them. */
  view(address: unknown, byteLength: number): ArrayBuffer;
  readonly decode: ((address: unknown, type: unknown) => unknown) & { string(address: unknown): string };
}

export interface NativeFunction {
  (...parameters: readonly unknown[]): unknown;
  /** In a thread of libuv's; the last parameter is told the result. */
  async(...parameters: readonly unknown[]): void;
}

/** What brings the package. */
export const INSTALL_KOFFI = 'npm install koffi@3.3.4';

export function hasKoffi(): boolean {
  return findPackage('koffi') !== undefined;
}

/** @throws {WorkerFailure} `missing-package` when it is not installed or has no binary for this machine. */
export function loadKoffi(): Koffi {
  const expected = 'the package koffi in version 3';
  const failure = (hint: string) => new WorkerFailure({ code: 'missing-package', where: 'openvino', expected, hint });
  const file = findPackage('koffi');
  if (file === undefined) throw failure(`Install it with: ${INSTALL_KOFFI}`);
  let loaded: unknown;
  try {
    loaded = ownRequire()(file);
  } catch (error) {
    throw failure(`Install it with: ${INSTALL_KOFFI} (${reasonOf(error)})`);
  }
  if (isKoffi(loaded)) return loaded;
  throw failure(`Install it with: ${INSTALL_KOFFI}`);
}

function isKoffi(loaded: unknown): loaded is Koffi {
  if (typeof loaded !== 'object' || loaded === null || !('version' in loaded)) return false;
  const major = typeof loaded.version === 'string' ? loaded.version.split('.')[0] : '';
  return major === '3' && 'load' in loaded && 'view' in loaded && 'decode' in loaded;
}
