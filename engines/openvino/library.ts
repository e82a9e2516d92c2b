/** Where OpenVINO's library lies on this machine. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { LowformerError } from '../../core/errors.js';

/** The major version whose C interface this engine is written for, and what it was tested with. */
const MAJOR = 2026;
export const TESTED = '2026.4';

/** What brings the library. */
export const INSTALL = `pip install "openvino>=${MAJOR},<${MAJOR + 1}"`;

/** `libopenvino_c.so.2641`, `libopenvino_c.2641.dylib`, `openvino_c.dll`. */
const FILE = /^(?:libopenvino_c\.so(?:\.\d+)*|libopenvino_c(?:\.\d+)*\.dylib|openvino_c\.dll)$/;

/** Below the folder that a person would name: its own, that of PyPI's package, those of Intel's archives. */
const INSIDE = [
  '',
  'libs',
  'runtime/lib/intel64',
  'runtime/lib/aarch64',
  'runtime/lib/arm64',
  'runtime/bin/intel64/Release',
];

/** Where the search looks, from the environment of a process. */
export interface SearchPlaces {
  /** A folder that the user names: nowhere else is looked then. */
  readonly named: string | undefined;
  /** The loader's own folders. */
  readonly loaded: readonly string[];
  /** The folder of the Python package `openvino`; undefined where Python has none, or is not there. */
  readonly python: () => Promise<string | undefined>;
  readonly installed: readonly string[];
}

/**
 * The file of the C interface.
 * @throws {LowformerError} `missing-package`, with what would bring it.
 */
export async function findLibrary(places: SearchPlaces = searchPlaces(process.env)): Promise<string> {
  if (places.named !== undefined) {
    const file = libraryIn(places.named);
    if (file !== undefined) return file;
    throw new LowformerError({
      code: 'missing-package',
      where: 'LOWFORMER_OPENVINO',
      expected: "a folder with OpenVINO's library (libopenvino_c)",
      received: places.named,
      hint: `Name the folder 'libs' of the Python package, or leave the variable out. ${INSTALL} brings it`,
    });
  }
  for (const folder of places.loaded) {
    const file = libraryIn(folder);
    if (file !== undefined) return file;
  }
  const python = await places.python();
  for (const folder of [...(python === undefined ? [] : [python]), ...places.installed]) {
    const file = libraryIn(folder);
    if (file !== undefined) return file;
  }
  throw new LowformerError({
    code: 'missing-package',
    where: 'openvino',
    expected: "OpenVINO's library (libopenvino_c) beside python3, in the library path or in /opt/intel/openvino",
    hint: `Install it with: ${INSTALL}, or set LOWFORMER_OPENVINO to the folder that holds it`,
  });
}

/**
 * Another major version may number element types otherwise.
 * @param buildNumber as the library says it: `2026.4.1-22982-e213a147257-releases/2026/4`.
 * @returns the version alone, `2026.4.1`.
 * @throws {LowformerError} `missing-package` for another major version.
 */
export function checkVersion(buildNumber: string, library: string): string {
  const [version = buildNumber] = buildNumber.split('-');
  if (Number(version.split('.')[0]) === MAJOR) return version;
  throw new LowformerError({
    code: 'missing-package',
    where: 'openvino',
    expected: `OpenVINO ${MAJOR}, whose C interface is known here (${TESTED} is tested),`,
    received: version,
    hint: `It was found in ${library}. Install another with: ${INSTALL}, or set LOWFORMER_OPENVINO to the folder of one`,
  });
}

function searchPlaces(environment: NodeJS.ProcessEnv): SearchPlaces {
  const { LOWFORMER_OPENVINO, LD_LIBRARY_PATH = '' } = environment;
  return {
    named: LOWFORMER_OPENVINO === '' ? undefined : LOWFORMER_OPENVINO,
    loaded: LD_LIBRARY_PATH.split(delimiter).filter((folder) => folder !== ''),
    python: pythonPackage,
    installed: ['/opt/intel/openvino', '/opt/intel/openvino_2026'],
  };
}

/** Prints the folder of the package without importing it, which would take a second; not one in the working directory. */
const FIND = `import sys
sys.path = [entry for entry in sys.path if entry]
from importlib.util import find_spec
found = find_spec('openvino')
print((found and found.submodule_search_locations or [''])[0])`;

async function pythonPackage(): Promise<string | undefined> {
  const python = process.platform === 'win32' ? 'python' : 'python3';
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', FIND], { timeout: 10_000, windowsHide: true });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

function libraryIn(folder: string): string | undefined {
  for (const inside of INSIDE) {
    const place = join(folder, inside);
    const file = namesIn(place).find((name) => FILE.test(name));
    if (file !== undefined) return join(place, file);
  }
  return undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
