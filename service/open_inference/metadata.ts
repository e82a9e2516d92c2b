/** What a model takes and gives as tensors. */
import type { Result } from '../../core/results.js';
import type { ServedModel } from '../served_model.js';
import type { TensorMetadata } from './tensor.js';

export const INPUT_NAMES = ['rgb', 'file'] as const;

export type InputName = (typeof INPUT_NAMES)[number];

/** A request has one of the two; each names the other. */
interface InputMetadata extends TensorMetadata {
  readonly name: InputName;
  readonly parameters: { readonly instead_of: InputName };
}

const OUTPUT_NAMES = {
  detection: ['boxes', 'scores', 'labels', 'num_detections'],
  segmentation: ['labels'],
  classification: ['labels', 'scores'],
} as const satisfies Readonly<Record<Result['kind'], readonly string[]>>;

/** Of a task's tensors, in the order in which they are given where a request names none. */
export function outputNames(task: Result['kind']): readonly string[] {
  return OUTPUT_NAMES[task];
}

/** A model's own, as `GET /v2/models/NAME` answers. There is one state of a model, so that none has versions. */
export function modelMetadata({ name, facts }: ServedModel) {
  return { name, platform: 'lowformer_config', inputs: inputsOf(facts), outputs: outputsOf(facts) };
}

/**
 * `rgb`: pictures of one size as pixels, [N, H, W, 3], red first. `file`: picture files of any format and size, [N]; one alone for
 * segmentation, whose label maps are one tensor.
 */
function inputsOf({ task }: ServedModel['facts']): readonly InputMetadata[] {
  return [
    { name: 'rgb', datatype: 'UINT8', shape: [-1, -1, -1, 3], parameters: { instead_of: 'file' } },
    {
      name: 'file',
      datatype: 'BYTES',
      shape: [task === 'segmentation' ? 1 : -1],
      parameters: { instead_of: 'rgb' },
    },
  ];
}

function outputsOf({ task, classes }: ServedModel['facts']): readonly TensorMetadata[] {
  switch (task) {
    case 'detection':
      return [
        { name: 'boxes', datatype: 'FP32', shape: [-1, 4] },
        { name: 'scores', datatype: 'FP32', shape: [-1] },
        { name: 'labels', datatype: 'INT64', shape: [-1] },
        { name: 'num_detections', datatype: 'INT64', shape: [-1] },
      ];
    case 'segmentation':
      return [{ name: 'labels', datatype: classes.length > 256 ? 'UINT16' : 'UINT8', shape: [-1, -1, -1] }];
    case 'classification':
      return [
        { name: 'labels', datatype: 'INT64', shape: [-1, -1] },
        { name: 'scores', datatype: 'FP32', shape: [-1, -1] },
      ];
  }
}
