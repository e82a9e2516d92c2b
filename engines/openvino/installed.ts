import { statSync } from 'node:fs';
import { LowformerError } from '../../core/errors.js';
import type { Installed } from '../define_engine.js';
import { hasKoffi, INSTALL_KOFFI } from './koffi.js';
import { findLibrary } from './library.js';

/** The library's file, and the package that calls it. Its version is its place, size and time: it is not loaded to be asked. */
export async function openvinoInstalled(): Promise<Installed> {
  try {
    const library = await findLibrary();
    if (!hasKoffi()) return { reason: `its library is here, and the package koffi is not: ${INSTALL_KOFFI}` };
    const { size, mtimeMs } = statSync(library);
    return { version: `${library} ${size} ${mtimeMs}` };
  } catch (error) {
    if (!(error instanceof LowformerError)) throw error;
    // A folder that the user names should hold it; elsewhere most machines have none.
    return { reason: error.path === 'openvino' ? 'not installed' : error.message };
  }
}
