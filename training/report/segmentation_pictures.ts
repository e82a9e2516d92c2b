/** The validation of a segmentor on a run's page. */
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { escapeHtml, paragraph, type Section } from '../../analysis/page/html.js';
import { classKey, classPicture, predictedClasses, truthClasses } from '../../analysis/segmentation/label_picture.js';
import { segmentationSections } from '../../analysis/segmentation/sections.js';
import { tile, worstSegmentationsHtml } from '../../analysis/segmentation/worst.js';
import type { LabelMap, RgbImage } from '../../core/frame.js';
import type { SegmentationDataset } from '../../data/dataset.js';
import { readSampleLabels } from '../../data/label_map.js';
import { createSegmentationAnalyser } from '../../evaluation/segmentation_analysis.js';
import { decodeImage } from '../../images/decode.js';
import { type PicturesOfValidation, samplePlaces, WORST } from './validated_pictures.js';

/** @param classes of the config. @param numClasses of the network's label maps. */
export function segmentationPictures(
  dataset: SegmentationDataset,
  { classes, numClasses }: { readonly classes: readonly string[]; readonly numClasses: number },
): () => PicturesOfValidation {
  const { samples, ignoreIndex, reduceZeroLabel } = dataset;
  const settings = { numClasses, ignoreIndex, reduceZeroLabel };
  const names = classes.length === numClasses ? classes : Array.from({ length: numClasses }, (_, i) => String(i));
  const shown = samplePlaces(samples.length);
  const byId = new Map(samples.map((sample) => [sample.id, sample]));

  return () => {
    const analyser = createSegmentationAnalyser(settings, { worst: WORST });
    const predictions = new Map<string, PackedLabels>();
    const figures: string[] = [];
    const seen = new Set<number>();

    const sampleFigure = async (name: string, picture: RgbImage, truth: LabelMap, prediction: LabelMap) => {
      const ground = { width: truth.width, height: truth.height, picture };
      const [is, found] = [truthClasses(truth, settings), predictedClasses(prediction)];
      for (let i = 0; i < truth.labels.length; i++) for (const index of [is(i), found(i)]) seen.add(index ?? -1);
      seen.delete(-1);
      const tiles = [
        await tile(picture, 'picture'),
        await tile(classPicture(ground, is), 'truth'),
        await tile(classPicture(ground, found), 'prediction'),
      ];
      return `<figure><figcaption>${escapeHtml(name)}</figcaption><div class="beside">${tiles.join('')}</div></figure>`;
    };

    return {
      async add({ position, image, result }) {
        const sample = samples[position];
        if (sample === undefined || result.kind !== 'segmentation') return;
        const truth = await readSampleLabels(dataset, sample);
        analyser.add(sample.id, truth, result);
        predictions.set(sample.id, await packLabels(result));
        if (shown.has(position)) figures.push(await sampleFigure(basename(sample.file), image, truth, result));
      },
      async sections() {
        const analysis = analyser.result();
        const worst = await worstSegmentationsHtml(analysis.worst, names, settings, async (id) => {
          const [sample, packed] = [byId.get(id), predictions.get(id)];
          if (sample === undefined || packed === undefined) throw new Error(`${id} was not validated`);
          const truth = await readSampleLabels(dataset, sample);
          return { truth, prediction: await unpackLabels(packed), picture: await decodeImage(sample.file) };
        });
        return [
          samplesSection(figures, seen, names),
          ...(await segmentationSections(analysis, names, worst, undefined)),
        ];
      },
    };
  };
}

function samplesSection(figures: readonly string[], seen: Iterable<number>, names: readonly string[]): Section {
  const lead = paragraph('The same pictures at every validation. A click makes them large.');
  const body = `${lead}${classKey(seen, names)}<div class="pairs">${figures.join('\n')}</div>`;
  return { id: 'samples', title: 'Sample predictions', body };
}

/** A label map in little room: which pictures are the worst is known after the last one alone. */
interface PackedLabels {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
  readonly wide: boolean;
}

async function packLabels({ width, height, labels }: LabelMap): Promise<PackedLabels> {
  const bytes = await promisify(deflateRaw)(labels, { level: 1 });
  return { width, height, bytes, wide: labels.BYTES_PER_ELEMENT === 2 };
}

async function unpackLabels({ width, height, bytes, wide }: PackedLabels): Promise<LabelMap> {
  const raw = new Uint8Array(await promisify(inflateRaw)(bytes));
  return { width, height, labels: wide ? new Uint16Array(raw.buffer, raw.byteOffset, raw.length / 2) : raw };
}
