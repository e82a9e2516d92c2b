/** GeoJSON (RFC 7946) in pixels: x to the right, y DOWN, as in QuPath's and other viewers of pictures; no longitudes. */
import { exactJson } from '../../files/exact_json.js';
import { defineExchangeFormat, THE_FILE } from '../define.js';
import type { MarkedObject, MarkedPicture } from '../marked.js';
import { pointsOf } from '../shape_points.js';

/** A feature a box, its picture among the properties; a picture without an object is a feature without geometry. */
export const geojson = defineExchangeFormat({
  type: 'geojson',
  title: 'GeoJSON',
  shape: 'file',
  shapes: 'regions',
  keeps: [
    ...(['score', 'crowd', 'difficult', 'area', 'fraction', 'objectId', 'pictureId', 'textId', 'categoryId'] as const),
    ...(['classOrder', 'emptyPicture', 'twin', 'outline', 'bareBox', 'part', 'instance'] as const),
  ],
  names: { distinct: true, trimmed: false, xml: false },
  open({ classes, categoryIds }) {
    let count = 0;
    const feature = (properties: object, geometry: object | null) => {
      const text = exactJson({ type: 'Feature', geometry, properties });
      return { path: THE_FILE, text: `${count++ === 0 ? '' : ','}\n    ${text}` };
    };
    return {
      begin() {
        const categories = classes.map((name, index) => ({ id: categoryIds[index], name }));
        const head = `"type": "FeatureCollection",\n  "units": "pixels, y down",\n  "categories": ${exactJson(categories)}`;
        return [{ path: THE_FILE, text: `{\n  ${head},\n  "features": [` }];
      },
      add(picture) {
        const of = pictureProperties(picture);
        if (picture.objects.length === 0) return [feature(of, null)];
        return picture.objects.map((object) => {
          const { id, classIndex, area, score, crowd, difficult, shape } = object;
          const properties = {
            ...of,
            category: classes[classIndex],
            category_id: categoryIds[classIndex],
            ...(id === undefined ? {} : { id }),
            ...(score === undefined ? {} : { score }),
            ...(area === undefined ? {} : { area }),
            ...(crowd ? { iscrowd: 1 } : {}),
            ...(difficult ? { difficult: 1 } : {}),
            // An outline of four corners is told from a box.
            ...(shape === undefined ? {} : { outline: true }),
          };
          return feature(properties, geometryOf(object));
        });
      },
      finish: () => [{ path: THE_FILE, text: '\n  ]\n}\n' }],
    };
  },
});

function pictureProperties({ id, name, size }: MarkedPicture) {
  return { file: name, ...size, ...(id === undefined ? {} : { image_id: id }) };
}

/** The rings of each part, holes behind the outer one; of a box, its corners. */
function geometryOf({ box: [x, y, w, h], shape }: MarkedObject) {
  const parts = (shape?.kind === 'polygons' ? shape.polygons : []).map(({ outer, holes }) =>
    [outer, ...holes].map((one) => {
      const points = pointsOf(one);
      return [...points, ...points.slice(0, 1)];
    }),
  );
  if (parts.length > 1) return { type: 'MultiPolygon', coordinates: parts };
  return { type: 'Polygon', coordinates: parts[0] ?? [ring(x, y, x + w, y + h)] };
}

/** Closed, its first corner twice; counter-clockwise as its numbers go, which RFC 7946 asks of outer rings. */
function ring(left: number, top: number, right: number, bottom: number): readonly (readonly number[])[] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
}
