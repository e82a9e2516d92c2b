/** OpenVINO's C interface (openvino/c/*.h of version 2026), as functions that throw. */
import { WorkerFailure } from '../thread/channel.js';
import { OpenvinoError } from './failure.js';
import { type Koffi, loadKoffi, type NativeFunction } from './koffi.js';

/** An object of the library; disposal frees it, once. */
export interface Handle extends Disposable {
  readonly address: unknown;
}

/** What a model or a tensor has of a dimension: undefined where it is free. */
export type Extents = readonly (number | undefined)[];

export interface CInterface {
  /** `2026.4.1-22982-e213a147257-releases/2026/4`. */
  buildNumber(): string;
  core(): Handle;
  /** `OPTIMIZATION_CAPABILITIES` of the device CPU: `FP32 INT8 BIN EXPORT_IMPORT`. */
  capabilities(core: Handle): string;
  readFile(core: Handle, file: string): Promise<Handle>;
  readBytes(core: Handle, bytes: Uint8Array): Promise<Handle>;
  compile(core: Handle, model: Handle, properties: Readonly<Record<string, string>>): Promise<Handle>;
  ports(model: Handle, side: 'input' | 'output'): readonly ModelPort[];
  request(compiled: Handle): Handle;
  infer(request: Handle): Promise<void>;
  /** Gives the input of that name its shape, and copies the values into it. */
  writeTensor(request: Handle, name: string, shape: readonly number[], values: Float32Array): void;
  /** A copy of what the request has under that name. */
  readTensor(
    request: Handle,
    output: Pick<ModelPort, 'name' | 'scalar'>,
  ): { readonly shape: readonly number[]; readonly data: Float32Array<ArrayBuffer> };
}

/** An input or output of a model. */
export interface ModelPort {
  readonly name: string;
  /** `float32`, `int64`… */
  readonly type: string;
  readonly extents: Extents;
  /** A number alone, which has no extents. */
  readonly scalar: boolean;
}

/** `ov_element_type_e` of 2026. */
const ELEMENT_TYPES = [
  'dynamic',
  'bool',
  'bfloat16',
  'float16',
  'float32',
  'float64',
  'int4',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint1',
  'uint2',
  'uint3',
  'uint4',
  'uint6',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
] as const;

const OK = 0;

/**
 * Loads the library.
 * @param file of the C interface; its own libraries lie beside it.
 * @throws {WorkerFailure} `missing-package` when the package koffi is not there, when the file is no library for this machine,
 *   or when it lacks a function.
 */
export function openCInterface(file: string): CInterface {
  const koffi = loadKoffi();
  const call = functionsOf(koffi, file);
  const { POINTER, STRING, SIZE, STATUS } = TYPES;
  const made = koffi.out(koffi.pointer(POINTER));
  const int64s = koffi.pointer('int64_t');
  const version = koffi.struct({ buildNumber: POINTER, description: POINTER });
  const shape = koffi.struct({ rank: 'int64_t', dims: int64s });
  const readShape = koffi.struct({ rank: 'int64_t', dims: POINTER });
  const dimension = koffi.struct({ min: 'int64_t', max: 'int64_t' });
  const partialShape = koffi.struct({ rank: dimension, dims: POINTER });
  const outOf = (type: unknown) => koffi.out(koffi.pointer(type));

  const lastError = call('ov_get_last_err_msg', STRING, []);
  const statusText = call('ov_get_error_info', STRING, [STATUS]);
  const check = (status: unknown): void => {
    if (status === OK) return;
    const said = lastError();
    throw new OpenvinoError(typeof said === 'string' && said !== '' ? said : String(statusText(status)));
  };
  const checked = (name: string, parameters: readonly unknown[]) => {
    const run = call(name, STATUS, parameters);
    return {
      now: (...values: readonly unknown[]) => check(run(...values)),
      later: (...values: readonly unknown[]) =>
        new Promise<void>((resolve, reject) => {
          run.async(...values, (error: unknown, status: unknown) => {
            try {
              if (error) throw error;
              check(status);
              resolve();
            } catch (reason) {
              reject(reason);
            }
          });
        }),
    };
  };
  const freed = (name: string, parameter: unknown = POINTER) => call(name, 'void', [parameter]);
  const handle = (place: readonly unknown[], free: NativeFunction): Handle => {
    const [address] = place;
    let there = true;
    return {
      address,
      [Symbol.dispose]() {
        if (there) free(address);
        there = false;
      },
    };
  };
  const place = (): [unknown] => [null];

  const free = freed('ov_free');
  const text = (address: unknown): string => {
    try {
      return koffi.decode.string(address);
    } finally {
      free(address);
    }
  };
  const getVersion = checked('ov_get_openvino_version', [outOf(version)]);
  const freeVersion = freed('ov_version_free', koffi.pointer(version));
  const createCore = checked('ov_core_create', [made]);
  const freeCore = freed('ov_core_free');
  const getProperty = checked('ov_core_get_property', [POINTER, STRING, STRING, made]);
  const readModel = checked('ov_core_read_model', [POINTER, STRING, STRING, made]);
  const readMemory = checked('ov_core_read_model_from_memory_buffer', [
    POINTER,
    'const uint8_t *',
    SIZE,
    POINTER,
    made,
  ]);
  const freeModel = freed('ov_model_free');
  const setProperty = checked('ov_core_set_property', [POINTER, STRING, '...']);
  // It takes properties behind these, of which none are given: calls with such cannot be left to another thread.
  const compileModel = checked('ov_core_compile_model', [POINTER, POINTER, STRING, SIZE, made]);
  const freeCompiled = freed('ov_compiled_model_free');
  const createRequest = checked('ov_compiled_model_create_infer_request', [POINTER, made]);
  const freeRequest = freed('ov_infer_request_free');
  const inferRequest = checked('ov_infer_request_infer', [POINTER]);
  const count = {
    input: checked('ov_model_inputs_size', [POINTER, outOf(SIZE)]),
    output: checked('ov_model_outputs_size', [POINTER, outOf(SIZE)]),
  };
  const portAt = {
    input: checked('ov_model_const_input_by_index', [POINTER, SIZE, made]),
    output: checked('ov_model_const_output_by_index', [POINTER, SIZE, made]),
  };
  const freePort = freed('ov_output_const_port_free');
  const portName = checked('ov_port_get_any_name', [POINTER, made]);
  const portType = checked('ov_port_get_element_type', [POINTER, outOf('int')]);
  const portShape = checked('ov_port_get_partial_shape', [POINTER, outOf(partialShape)]);
  const freePartialShape = freed('ov_partial_shape_free', koffi.pointer(partialShape));
  const getTensor = checked('ov_infer_request_get_tensor', [POINTER, STRING, made]);
  const freeTensor = freed('ov_tensor_free');
  const setShape = checked('ov_tensor_set_shape', [POINTER, shape]);
  const getShape = checked('ov_tensor_get_shape', [POINTER, outOf(readShape)]);
  const freeShape = freed('ov_shape_free', koffi.pointer(readShape));
  const tensorData = checked('ov_tensor_data', [POINTER, made]);

  const tensor = (request: Handle, name: string): Handle => {
    const at = place();
    getTensor.now(request.address, name, at);
    return handle(at, freeTensor);
  };
  const floats = (of: Handle, length: number): Float32Array<ArrayBuffer> => {
    if (length === 0) return new Float32Array();
    const at = place();
    tensorData.now(of.address, at);
    return new Float32Array(koffi.view(at[0], length * Float32Array.BYTES_PER_ELEMENT));
  };

  return {
    buildNumber() {
      const found: Record<string, unknown> = {};
      getVersion.now(found);
      try {
        return koffi.decode.string(found.buildNumber);
      } finally {
        freeVersion(found);
      }
    },
    core() {
      const at = place();
      createCore.now(at);
      return handle(at, freeCore);
    },
    capabilities(core) {
      const at = place();
      getProperty.now(core.address, 'CPU', 'OPTIMIZATION_CAPABILITIES', at);
      return text(at[0]);
    },
    async readFile(core, file) {
      const at = place();
      await readModel.later(core.address, file, null, at);
      return handle(at, freeModel);
    },
    async readBytes(core, bytes) {
      const at = place();
      await readMemory.later(core.address, bytes, bytes.length, null, at);
      return handle(at, freeModel);
    },
    async compile(core, model, properties) {
      const at = place();
      for (const [key, value] of Object.entries(properties)) {
        setProperty.now(core.address, 'CPU', STRING, key, STRING, value);
      }
      await compileModel.later(core.address, model.address, 'CPU', 0, at);
      return handle(at, freeCompiled);
    },
    ports(model, side) {
      const size = place();
      count[side].now(model.address, size);
      return Array.from({ length: Number(size[0]) }, (_, index) => {
        const at = place();
        portAt[side].now(model.address, index, at);
        using port = handle(at, freePort);
        const [name, type] = [place(), place()];
        portName.now(port.address, name);
        portType.now(port.address, type);
        const found: Record<string, unknown> = {};
        portShape.now(port.address, found);
        try {
          const extents = extentsOf(found, (dims, rank) => koffi.decode(dims, koffi.array(dimension, rank)));
          return {
            name: text(name[0]),
            type: ELEMENT_TYPES[Number(type[0])] ?? 'of another type',
            extents,
            scalar: extentOf(found.rank) === 0,
          };
        } finally {
          freePartialShape(found);
        }
      });
    },
    request(compiled) {
      const at = place();
      createRequest.now(compiled.address, at);
      return handle(at, freeRequest);
    },
    infer: (request) => inferRequest.later(request.address),
    writeTensor(request, name, extents, values) {
      using input = tensor(request, name);
      setShape.now(input.address, { rank: extents.length, dims: BigInt64Array.from(extents, BigInt) });
      floats(input, values.length).set(values);
    },
    readTensor(request, { name, scalar }) {
      using output = tensor(request, name);
      // The interface tells no shape of a number alone.
      if (scalar) return { shape: [], data: floats(output, 1).slice() };
      const found: Record<string, unknown> = {};
      getShape.now(output.address, found);
      try {
        const extents = numbers(koffi.decode(found.dims, koffi.array('int64_t', Number(found.rank))));
        const length = extents.reduce((product, extent) => product * extent, 1);
        return { shape: extents, data: floats(output, length).slice() };
      } finally {
        freeShape(found);
      }
    },
  };
}

const TYPES = { POINTER: 'void *', STRING: 'const char *', SIZE: 'size_t', STATUS: 'int' } as const;

/** Looks functions up. */
function functionsOf(koffi: Koffi, file: string) {
  const unusable = (reason: string) =>
    new WorkerFailure({
      code: 'missing-package',
      where: 'openvino',
      expected: `a library of OpenVINO for ${process.platform} ${process.arch} with its other libraries beside it`,
      received: file,
      hint: reason,
    });
  const attempt = <Result>(run: () => Result): Result => {
    try {
      return run();
    } catch (error) {
      throw unusable(error instanceof Error ? error.message : String(error));
    }
  };
  const library = attempt(() => koffi.load(file));
  return (name: string, result: unknown, parameters: readonly unknown[]): NativeFunction =>
    attempt(() => library.func(name, result, parameters));
}

/** Of an `ov_partial_shape_t`: a rank and dimensions, each from `min` to `max`. */
function extentsOf(
  { rank, dims }: Readonly<Record<string, unknown>>,
  decode: (dims: unknown, rank: number) => unknown,
): Extents {
  const known = extentOf(rank);
  if (known === undefined || known === 0) return [];
  const found = decode(dims, known);
  return Array.isArray(found) ? found.map(extentOf) : [];
}

function extentOf(dimension: unknown): number | undefined {
  if (typeof dimension !== 'object' || dimension === null || !('min' in dimension && 'max' in dimension))
    return undefined;
  const [min, max] = [Number(dimension.min), Number(dimension.max)];
  return min === max && min >= 0 ? min : undefined;
}

function numbers(values: unknown): readonly number[] {
  if (Array.isArray(values)) return values.map(Number);
  return values instanceof BigInt64Array ? Array.from(values, Number) : [];
}
