/**
 * The boxes in all pictures of a folder as a table:
 *
 *   npx jiti examples/folder_to_csv.ts pictures > boxes.csv
 *
 * Pictures are decoded ahead of the network. One that cannot be read is named on stderr, and keeps no other.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadDetector } from 'lowformer';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: folder_to_csv.ts FOLDER > boxes.csv');

const files = (await readdir(folder)).filter((name) => /\.(?:jpe?g|png|webp|tiff?|bmp)$/i.test(name)).sort();
const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

await using model = await loadDetector('blood-cells');
console.log('file,category,score,left,top,right,bottom');
for await (const outcome of model.predictMany(files.map((name) => join(folder, name)))) {
  if (!outcome.ok) {
    console.error(outcome.error.message);
    process.exitCode = 1;
    continue;
  }
  const name = quoted(files[outcome.index] ?? '');
  for (const { category, score, box } of outcome.result.detections) {
    if (score < 0.5) continue;
    console.log([name, quoted(category), score.toFixed(4), ...box.map((edge) => edge.toFixed(1))].join(','));
  }
}
