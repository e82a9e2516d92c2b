/** Networks on bytes while they are written. What writes float networks alone carries nothing of it. */
import type { AnyNode } from '../graph.js';
import type { ActivationCode, WeightCode } from '../quantization/codes.js';
import type { GateCode } from '../quantization/hardswish.js';
import type { BorderCode, LayerCode, Quantization } from '../quantization/quantization.js';
import { borderOnBytes } from './border_on_bytes.js';
import type { OnnxEmitter } from './emitter.js';
import { FLOAT, INT8, INT32, UINT8 } from './proto.js';
import { placeOf, plainValues, type WrittenForm, type WrittenNode, type WrittenValues } from './written_values.js';

/** The form of a network of which a quantization says what is bytes. */
export function quantizedForm(quantization: Quantization): WrittenForm {
  return {
    values: (at) => quantizedValues(quantization, at),
    stored: (node) => storedParameters(node, quantization),
  };
}

/** Of layers on bytes none, of border corrections the bias alone. */
function storedParameters(
  { output: { id }, parameters }: Pick<AnyNode, 'output' | 'parameters'>,
  { layers, borders }: Quantization,
): readonly string[] {
  if (layers.has(id)) return [];
  const { first: _, second: __, ...others } = parameters;
  return Object.values(borders.has(id) ? others : parameters);
}

/**
 * Bytes where the quantization says so, in ONNX's form of "quantize and dequantize": every value that is bytes goes through
 * a QuantizeLinear, every node that reads it through a DequantizeLinear of its own, and runtimes make one operation on bytes
 * of what stands between. What only moves or cuts bytes is written on the bytes themselves.
 */
function quantizedValues(
  { codes, layers, movers, gates, borders }: Quantization,
  at: (prefix: string) => OnnxEmitter,
): WrittenValues {
  const floats = plainValues();
  const bytes = new Map<number, string>();
  const wide = new Set<string>();
  /** ONNX Runtime makes u8 of s8 beyond ±64, under a name that follows from its own, and fails where that is there already. */
  const ownName = (name: string, node: WrittenNode, { weight }: LayerCode) => {
    if (!weight.values.some((value) => Math.abs(value) > 64)) return name;
    const free = wide.has(name) ? `${name}.${node.output.id}` : name;
    wide.add(name);
    return free;
  };
  const hardswish = (onnx: OnnxEmitter, { inputs: [x] }: WrittenNode, { low, high, scale }: GateCode) => {
    const [stored = '', code] = [bytes.get(x?.id ?? -1), codes.get(x?.id ?? -1)];
    const bounds = [low, high].map((byte) => byteTensor(onnx, byte));
    const cut = low === 0 && high === 255 ? stored : onnx.node('Clip', [stored, ...bounds]);
    const numbers = onnx.node('DequantizeLinear', [stored, ...codeTensors(onnx, code ?? { scale: 1, zeroPoint: 0 })]);
    const gate = onnx.node('DequantizeLinear', [cut, ...codeTensors(onnx, { scale, zeroPoint: low })]);
    return onnx.node('Mul', [numbers, gate]);
  };
  const borderCorrection = (
    onnx: OnnxEmitter,
    { inputs: [map, ring], parameters }: WrittenNode,
    border: BorderCode,
  ) => {
    const numbersOf = (value: WrittenNode['inputs'][number] | undefined) => {
      const [stored, code] = [bytes.get(value?.id ?? -1), codes.get(value?.id ?? -1)];
      return stored === undefined || code === undefined
        ? value && floats.read(value)
        : onnx.node('DequantizeLinear', [stored, ...codeTensors(onnx, code)]);
    };
    const code = codeTensors(onnx, codes.get(map?.id ?? -1) ?? { scale: 1, zeroPoint: 0 });
    return borderOnBytes(onnx, {
      map: bytes.get(map?.id ?? -1) ?? '',
      ring: numbersOf(ring) ?? '',
      taps: (role, axis, at) => tapsTensor(onnx, `${parameters[role]}.border`, border[role], axis, at),
      bias: parameters.bias ?? '',
      numbers: (tensor) => onnx.node('DequantizeLinear', [tensor, ...code]),
      bytes: (tensor) => onnx.node('QuantizeLinear', [tensor, ...code]),
    });
  };
  return {
    make(value, tensor, place) {
      const code = codes.get(value.id);
      if (movers.has(value.id)) bytes.set(value.id, tensor);
      else if (code === undefined) floats.make(value, tensor, place);
      else bytes.set(value.id, at(place).node('QuantizeLinear', [tensor, ...codeTensors(at(place), code)]));
    },
    read(value, node) {
      const [stored, code] = [bytes.get(value.id), codes.get(value.id)];
      if (stored === undefined || code === undefined) return floats.read(value);
      if (node !== undefined && movers.has(node.output.id)) return stored;
      const onnx = at(node === undefined ? 'output' : placeOf(node));
      return onnx.node('DequantizeLinear', [stored, ...codeTensors(onnx, code)]);
    },
    onBytes(node) {
      const gate = gates.get(node.output.id);
      if (gate !== undefined) return hardswish(at(placeOf(node)), node, gate);
      const border = borders.get(node.output.id);
      if (border !== undefined) return borderCorrection(at(placeOf(node)), node, border);
      const [code, largest] = [codes.get(node.output.id), LARGEST[node.operation]];
      if (!movers.has(node.output.id) || code === undefined || largest === undefined) return undefined;
      const most = Math.min(255, Math.round(largest / code.scale) + code.zeroPoint);
      const onnx = at(placeOf(node));
      const bounds = [code.zeroPoint, most].map((byte) => byteTensor(onnx, byte));
      return onnx.node('Clip', [...node.inputs.map(({ id }) => bytes.get(id) ?? ''), ...bounds]);
    },
    parameter(node, role) {
      const layer = layers.get(node.output.id);
      const name = floats.parameter(node, role);
      if (layer === undefined || name === '') return name;
      const onnx = at(placeOf(node));
      return role === 'weight'
        ? weightTensor(onnx, ownName(name, node, layer), layer)
        : biasTensor(onnx, `${name}.${node.output.id}`, layer);
    },
    // What goes out of the model is no byte: nobody reads it under its new name but the caller.
    rename(value, tensor) {
      if (!bytes.has(value.id)) floats.rename(value, tensor);
    },
  };
}

/** What numbers are cut to, in operations that cut at 0. */
const LARGEST: Readonly<Record<string, number>> = { relu: Number.POSITIVE_INFINITY, relu6: 6 };

function byteTensor(onnx: OnnxEmitter, byte: number): string {
  return onnx.constant({ name: `byte_${byte}`, dims: [], dataType: UINT8, rawData: Uint8Array.of(byte) });
}

function codeTensors(onnx: OnnxEmitter, { scale, zeroPoint }: ActivationCode): readonly string[] {
  return [onnx.scalar(scale), byteTensor(onnx, zeroPoint)];
}

/** [out, …] with one scale an output channel. */
function weightTensor(
  onnx: OnnxEmitter,
  name: string,
  { weight: { shape, values, scales } }: Pick<LayerCode, 'weight'>,
): string {
  const stored = onnx.constant({ name: `${name}.bytes`, dims: shape, dataType: INT8, rawData: bytesOf(values) });
  const zeros = onnx.constant({
    name: `${name}.zeros`,
    dims: [scales.length],
    dataType: INT8,
    rawData: new Uint8Array(scales.length),
  });
  return onnx.node('DequantizeLinear', [stored, scalesTensor(onnx, `${name}.scales`, scales), zeros], { axis: 0 });
}

/** A row (of axis 2) or a column (of axis 3) of a kernel of 3 x 3, lying: [out, in, 1, 3]. */
function tapsTensor(onnx: OnnxEmitter, name: string, code: WeightCode, axis: 2 | 3, at: number): string {
  const [out = 0, inputs = 0] = code.shape;
  const own = `${name}.${axis === 2 ? 'row' : 'column'}_${at}`;
  const values = Int8Array.from({ length: out * inputs * 3 }, (_, i) => {
    const [kernel, along] = [9 * Math.floor(i / 3), i % 3];
    return code.values[kernel + (axis === 2 ? 3 * at + along : 3 * along + at)] ?? 0;
  });
  return weightTensor(onnx, own, { weight: { shape: [out, inputs, 1, 3], values, scales: code.scales } });
}

/** Another one for each use: its scale is the input's times the weight's. */
function biasTensor(onnx: OnnxEmitter, name: string, { bias: { values, scales } }: LayerCode): string {
  const dims = [values.length];
  const stored = onnx.constant({ name: `${name}.int32`, dims, dataType: INT32, rawData: bytesOf(values) });
  const zeros = onnx.constant({
    name: `zeros_int32_${values.length}`,
    dims,
    dataType: INT32,
    rawData: new Uint8Array(values.byteLength),
  });
  return onnx.node('DequantizeLinear', [stored, scalesTensor(onnx, `${name}.scales`, scales), zeros], { axis: 0 });
}

function scalesTensor(onnx: OnnxEmitter, name: string, scales: Float32Array): string {
  return onnx.constant({ name, dims: [scales.length], dataType: FLOAT, rawData: bytesOf(scales) });
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
