/** The validation of a detector on a run's page. */
import { basename } from 'node:path';
import { labelSuggestionsHtml } from '../../analysis/detection/label_suggestions.js';
import { detectionSections } from '../../analysis/detection/sections.js';
import { worstDetectionsHtml } from '../../analysis/detection/worst.js';
import { escapeHtml, paragraph, type Section } from '../../analysis/page/html.js';
import { jpegDataUri, type OverlayBox, overlaySvg } from '../../analysis/page/picture_overlay.js';
import type { Detection } from '../../core/results.js';
import { type ConfigClasses, mapCategories } from '../../data/class_check.js';
import type { DetectionDataset, GroundTruthObject } from '../../data/dataset.js';
import { classColour } from '../../drawing/palette.js';
import type { CocoScoredBox } from '../../evaluation/coco_records.js';
import { createDetectionAnalyser } from '../../evaluation/detection_analysis.js';
import { cocoCategories, cocoObject, pictureNumbers } from '../../scoring/coco_score.js';
import { type PicturesOfValidation, samplePlaces, WORST } from './validated_pictures.js';

/** Detections of less are neither drawn nor counted as wrong. */
const SCORE_THRESHOLD = 0.3;

/** @param classes of the config. */
export function detectionPictures(dataset: DetectionDataset, classes: ConfigClasses): () => PicturesOfValidation {
  const { samples } = dataset;
  const { categoryIdOf, classIndexOf } = mapCategories(dataset, { classes: classes.classes });
  const numbers = pictureNumbers(samples);
  const positions = new Map(numbers.map((number, i) => [number, i]));
  const shown = samplePlaces(samples.length);
  const categories = cocoCategories(dataset);
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const nameOf = (id: number) => names.get(id) ?? String(id);
  const sampleOf = (imageId: number) => samples[positions.get(imageId) ?? -1];
  const fileNameOf = (imageId: number) => basename(sampleOf(imageId)?.file ?? String(imageId));
  const pictureOf = async (imageId: number) => {
    const sample = sampleOf(imageId);
    return { name: fileNameOf(imageId), size: sample?.size, file: sample?.file };
  };

  return () => {
    const analyser = createDetectionAnalyser(categories, { scoreThreshold: SCORE_THRESHOLD, worst: WORST });
    const figures: string[] = [];
    return {
      async add({ position, file, image, result }) {
        if (result.kind !== 'detection') return;
        const objects = samples[position]?.objects ?? [];
        const found = result.detections.flatMap(({ box: [x1, y1, x2, y2], score, classIndex }): CocoScoredBox[] => {
          const id = categoryIdOf[classIndex];
          return id === undefined ? [] : [{ category_id: Number(id), bbox: [x1, y1, x2 - x1, y2 - y1], score }];
        });
        analyser.add(numbers[position] ?? position, objects.map(cocoObject), found);
        if (!shown.has(position)) return;
        const uri = await jpegDataUri(image);
        const name = basename(file);
        const truth = objects.map((object) =>
          truthBox(object, nameOf(object.categoryId), classIndexOf.get(object.categoryId)),
        );
        const boxes = result.detections.filter(({ score }) => score >= SCORE_THRESHOLD).map(foundBox);
        const tile = (says: string, list: readonly OverlayBox[]) =>
          `<div>${overlaySvg(image, uri, list, `${name}: ${says}`)}<small>${says}</small></div>`;
        figures.push(
          `<figure><figcaption>${escapeHtml(name)}</figcaption><div class="beside">${tile('truth', truth)}${tile('prediction', boxes)}</div></figure>`,
        );
      },
      async sections() {
        const analysis = analyser.result();
        const worst = await worstDetectionsHtml(analysis.worst, pictureOf, nameOf, SCORE_THRESHOLD);
        const labels = await labelSuggestionsHtml(analysis, { pictureOf, fileNameOf, nameOf });
        return [
          samplesSection(figures),
          ...(await detectionSections(analysis, { worst: worst.html, labels, against: undefined })),
        ];
      },
    };
  };
}

function samplesSection(figures: readonly string[]): Section {
  const lead = paragraph(
    `Truth on the left, on the right what the network finds with a score of ${SCORE_THRESHOLD} and more. The same pictures at every validation. A click makes them large.`,
  );
  return { id: 'samples', title: 'Sample predictions', body: `${lead}<div class="pairs">${figures.join('\n')}</div>` };
}

function truthBox({ box, crowd }: GroundTruthObject, name: string, index: number | undefined): OverlayBox {
  const title = crowd ? `${name} (crowd)` : name;
  return { box, colour: lightColour(index ?? 0), dashed: crowd, labels: [cut(name)], title };
}

function foundBox({ box: [x1, y1, x2, y2], score, classIndex, category }: Detection): OverlayBox {
  const [named, number] = [cut(category), score.toFixed(2)];
  return {
    box: [x1, y1, x2 - x1, y2 - y1],
    colour: lightColour(classIndex),
    dashed: false,
    labels: [`${named} ${number}`, named],
    title: `${category} ${number}`,
  };
}

/** Of a class, light enough for black letters on it. */
function lightColour(index: number): string {
  return `rgb(${classColour(index)
    .map((part) => Math.round(255 - 0.65 * (255 - part)))
    .join(' ')})`;
}

function cut(name: string): string {
  return name.length > 20 ? `${name.slice(0, 19)}…` : name;
}
