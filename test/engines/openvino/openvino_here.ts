import { findLibrary } from '../../../engines/openvino/library.js';
import { needs } from '../../needs.js';

/** The library of this machine; undefined where there is none. */
export const LIBRARY = await findLibrary().catch(() => undefined);

/** Options of a test or a suite that calls it. */
export const needsOpenvino = needs('openvino', LIBRARY !== undefined);
