/** Inference requests as clients of the protocol make them. */

export interface Part {
  /** Of the JSON. */
  readonly json: unknown;
  /** What follows it, where anything does. */
  readonly binary?: Uint8Array;
}

/** A request's body and headers, with the length of the JSON where bytes follow it. */
export function inferBody({ json, binary }: Part) {
  const text = Buffer.from(JSON.stringify(json));
  if (binary === undefined) return { payload: text, headers: {} };
  return {
    payload: Buffer.concat([text, binary]),
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(text.length) },
  };
}

/** Elements of a tensor of BYTES. */
export function elements(...files: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    files.flatMap((file) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(file.length);
      return [length, file];
    }),
  );
}

/** `file`, as bytes behind the JSON. */
export function fileRequest(files: readonly Uint8Array[], more: object = {}): Part {
  const binary = elements(...files);
  const parameters = { binary_data_size: binary.length };
  return {
    json: { inputs: [{ name: 'file', datatype: 'BYTES', shape: [files.length], parameters }], ...more },
    binary,
  };
}

/** `rgb`, as bytes behind the JSON. */
export function rgbRequest(shape: readonly number[], binary: Uint8Array, more: object = {}): Part {
  const parameters = { binary_data_size: binary.length };
  return { json: { inputs: [{ name: 'rgb', datatype: 'UINT8', shape, parameters }], ...more }, binary };
}

/** `rgb`, in the JSON. */
export function jsonRequest(shape: readonly number[], data: unknown, more: object = {}): Part {
  return { json: { inputs: [{ name: 'rgb', datatype: 'UINT8', shape, data }], ...more } };
}

interface Answer {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly rawPayload: Uint8Array;
}

interface Told {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly number[];
  readonly parameters?: { readonly binary_data_size: number };
}

/** Values of an answer's tensors by their names, as a client reads them: those behind the JSON in the order of the outputs. */
export function tensorsIn({ headers, rawPayload }: Answer) {
  const length = headers['inference-header-content-length'];
  const payload = Buffer.from(rawPayload);
  const jsonLength = length === undefined ? payload.length : Number(length);
  const { outputs, ...rest }: { outputs: readonly Told[] } = JSON.parse(payload.subarray(0, jsonLength).toString());
  let at = jsonLength;
  const tensors = outputs.map(({ name, datatype, shape, data, parameters }) => {
    if (parameters === undefined) return [name, { datatype, shape, values: data ?? [] }] as const;
    const bytes = payload.subarray(at, at + parameters.binary_data_size);
    at += parameters.binary_data_size;
    return [name, { datatype, shape, values: numbers(bytes, datatype) }] as const;
  });
  if (at !== payload.length) throw new Error(`${payload.length - at} bytes more than the outputs say`);
  return { rest, tensors: Object.fromEntries(tensors) };
}

function numbers(bytes: Buffer, datatype: string): readonly number[] {
  const of = (size: number, read: (at: number) => number) =>
    Array.from({ length: bytes.length / size }, (_, i) => read(i * size));
  switch (datatype) {
    case 'FP32':
      return of(4, (at) => bytes.readFloatLE(at));
    case 'INT64':
      return of(8, (at) => Number(bytes.readBigInt64LE(at)));
    case 'UINT16':
      return of(2, (at) => bytes.readUInt16LE(at));
    case 'UINT8':
      return [...bytes];
    default:
      throw new Error(datatype);
  }
}
