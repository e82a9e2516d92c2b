/** Where the weights of a published model lie, and how a download of them is checked. */
export interface PublishedCheckpoint {
  /** An `https:` address of one file. */
  readonly address: string;
  /** The first hexadecimal digits of the file's SHA-256, lower case: the eight that its name ends with. */
  readonly sha256: string;
  /** Size of the file, where its publisher says it. */
  readonly bytes?: number;
}

/** A trained model that others have published, as they describe it. */
export interface PublishedModel {
  /** The publisher's name of its config, without `.py`; `openConfig` takes it. */
  readonly name: string;
  readonly task: 'detection' | 'segmentation';
  /** `RetinaNet`, `FreeAnchor`, `Semantic FPN`. */
  readonly method: string;
  /** `ResNet-50`, `PVTv2-B2`. */
  readonly backbone: string;
  /** What it was trained on, and whose classes it knows. */
  readonly dataset: string;
  /**
   * As its publisher measured it on the data set's validation pictures, in percent: COCO's average precision of boxes
   * (of Open Images at an IoU of 0.5, as its challenge counts), or the mean IoU at one scale, unflipped.
   */
  readonly accuracy: { readonly metric: 'box AP' | 'mIoU'; readonly value: number };
  /** Parameters of the whole network. A file of them takes about four bytes for each. */
  readonly parameters: number;
  /** SPDX identifier of the licence that the publisher gives. */
  readonly licence: 'Apache-2.0' | 'BSD-3-Clause';
  /** The project that published it. */
  readonly source: 'mmdetection' | 'mmsegmentation' | 'torchvision';
  readonly checkpoint: PublishedCheckpoint;
}
