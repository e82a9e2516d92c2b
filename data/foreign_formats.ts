/** Files of annotations in formats that are not read: named as what they are, with the way out. */
import { LowformerError } from '../core/errors.js';

const FORMATS = {
  panoptic: [
    "COCO's panoptic format",
    'It marks segments, no boxes: a segmentor reads it with --format coco-panoptic; a detector takes the instances_*.json of the same pictures.',
  ],
  detect: [
    "what 'detect --json' writes",
    "It names files, no image_id: 'evaluate --predictions FILE' keeps detections in COCO's results format.",
  ],
  cvat: ["CVAT's XML", 'Say --format cvat.'],
  voc: ["one picture's XML of Pascal VOC", 'Give the folder of these files.'],
  openImages: ["Open Images' CSV", 'Convert it to COCO first, for instance with fiftyone or datumaro.'],
  csv: ['a CSV file', 'Rows of boxes are read with --format csv: filename, class, xmin, ymin, xmax, ymax.'],
  labelMe: ["one picture's JSON of LabelMe", 'Give the folder of these files, with --format labelme.'],
  via: ["VIA's own JSON", 'Export it from VIA as COCO: Annotation, Export Annotations (COCO format).'],
  datumaro: ["Datumaro's own JSON", "Convert it to COCO: 'datum convert -f coco'."],
  labelStudio: ["Label Studio's own JSON", 'Say --format labelstudio.'],
  createMl: ["CreateML's JSON", 'Export the data set as COCO.'],
  yaml: ['YAML', 'Of a YOLO data set: give it as it is (data.yaml) with --format yolo, or no --format.'],
  zip: ['an archive', 'Unpack it first.'],
} as const satisfies Readonly<Record<string, readonly [what: string, wayOut: string]>>;

type Foreign = keyof typeof FORMATS;

/** A mistake: the file is of a format that is not read. */
export function foreign(
  file: string,
  format: Foreign,
  expected = "annotations or detections in COCO's format",
): LowformerError {
  const [received, hint] = FORMATS[format];
  return new LowformerError({ code: 'unreadable-file', where: file, expected, received, hint });
}

/** @throws {LowformerError} `unreadable-file` for the beginnings of files that are no JSON, and whose format is known. */
export function checkIsJson(bytes: Uint8Array, file: string, expected: string): void {
  const start = new TextDecoder().decode(bytes.subarray(0, 1000)).trimStart();
  const found = formatOfText(start);
  if (found !== undefined) throw foreign(file, found, expected);
}

function formatOfText(start: string): Foreign | undefined {
  if (start.startsWith('<'))
    return /<annotation>/.test(start) ? 'voc' : /<annotations>/.test(start) ? 'cvat' : undefined;
  if (start.startsWith('PK\u0003\u0004')) return 'zip';
  const [line = ''] = start.split(/\r?\n/, 1);
  if (/^ImageID,/.test(line)) return 'openImages';
  if (/^[\w"]+(,[\w" ]+){3,}$/.test(line)) return 'csv';
  return /^(\w+:(\s|$)|#|---)/.test(line) && !/^[[{]/.test(start) ? 'yaml' : undefined;
}

/** By the keys of a JSON object that COCO's format has not; undefined where nothing is known. */
export function foreignByKeys(file: string, keys: readonly string[]): LowformerError | undefined {
  const has = (...wanted: readonly string[]) => wanted.every((key) => keys.includes(key));
  if (has('shapes', 'imagePath')) return foreign(file, 'labelMe');
  if (has('_via_settings') || has('_via_img_metadata')) return foreign(file, 'via');
  if (has('items', 'categories')) return foreign(file, 'datumaro');
  if (has('detections', 'file')) return foreign(file, 'detect');
  return undefined;
}

/** By the keys of the first entry of a list. */
export function foreignByEntryKeys(file: string, keys: readonly string[]): LowformerError | undefined {
  const has = (...wanted: readonly string[]) => wanted.every((key) => keys.includes(key));
  if (has('annotations', 'data')) return foreign(file, 'labelStudio');
  if (has('annotations', 'image')) return foreign(file, 'createMl');
  if (has('detections', 'file')) return foreign(file, 'detect');
  return undefined;
}
