/** The list `annotations` of COCO's panoptic format, read entry by entry. Every mistake names file, entry and value. */
import { type Reading, readCategoryId } from './coco_lists.js';
import type { PictureId } from './dataset.js';
import {
  entryPlace,
  missingKey,
  type Place,
  readEntries,
  readFlag,
  readId,
  readInteger,
  readText,
  wrongEntry,
} from './json_entry.js';
import type { JsonReader } from './json_reader.js';

export interface Segment {
  /** 1 to 2^24 - 1: its colour in the PNG. */
  readonly id: number;
  readonly category: number;
  readonly crowd: boolean;
}

export interface PanopticAnnotation {
  /** Of the PNG. */
  readonly fileName: string;
  readonly picture: PictureId;
  readonly segments: readonly Segment[];
  /** Its position in the list. */
  readonly entry: number;
}

/** Whether its pictures and categories exist shows when the whole file is read. Mistakes are kept. */
export function readPanopticAnnotations(
  json: JsonReader,
  { file, notes, mistakes }: Reading,
): readonly PanopticAnnotation[] {
  const found: PanopticAnnotation[] = [];
  let entry = 0;
  let fileName: string | undefined;
  let picture: PictureId | undefined;
  let segments: readonly Segment[] | undefined;
  const place = entryPlace(file, 'annotations', () => entry, notes);
  readEntries(json, place, mistakes, {
    begin(index) {
      entry = index;
      fileName = picture = segments = undefined;
    },
    member(key) {
      if (key === 'file_name') fileName = readText(json, place, key).replaceAll('\\', '/');
      else if (key === 'image_id') picture = readId(json, place, key);
      else if (key === 'segments_info') segments = readSegments(json, place);
      else json.skip();
    },
    end() {
      if (segments === undefined) {
        const hint = 'Of an instances_*.json the format is coco.';
        throw wrongEntry(place('segments_info'), 'the segments of a picture', undefined, `The key is missing. ${hint}`);
      }
      if (picture === undefined) throw missingKey(place('image_id'), 'the id of a picture in "images"');
      if (fileName === undefined) throw missingKey(place('file_name'), 'the name of a PNG');
      found.push({ fileName, picture, segments, entry });
    },
  });
  return found;
}

/** What three bytes hold. */
const MOST = 2 ** 24 - 1;

function readSegments(json: JsonReader, place: Place): readonly Segment[] {
  if (json.kind() !== 'array') throw wrongEntry(place('segments_info'), 'a list of segments', json.value());
  const found = new Map<number, Segment>();
  json.array((index) => {
    const own = `segments_info[${index}]`;
    if (json.kind() !== 'object') throw wrongEntry(place(own), 'an object', json.value());
    let id: number | undefined;
    let category: number | undefined;
    let crowd = false;
    json.object((key) => {
      if (key === 'id') id = readInteger(json, place, `${own}.id`);
      else if (key === 'category_id') category = readCategoryId(json, place, `${own}.category_id`);
      else if (key === 'iscrowd') crowd = readFlag(json, place, `${own}.iscrowd`);
      else json.skip();
    });
    if (id === undefined) throw missingKey(place(`${own}.id`), 'the id of a segment');
    if (category === undefined) throw missingKey(place(`${own}.category_id`), 'the id of a category in "categories"');
    if (id < 1 || id > MOST) throw wrongEntry(place(`${own}.id`), `an id from 1 to ${MOST}, which is a colour,`, id);
    if (found.has(id)) throw wrongEntry(place(`${own}.id`), 'each id once in a picture', id);
    found.set(id, { id, category, crowd });
  });
  return [...found.values()];
}
