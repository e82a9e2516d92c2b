/** The page with pictures: drop one, see what a network finds in it. */
import { drawDemoScene } from '../../../drawing/demo_scene.js';
import { decodePicture } from '../../../web/decode_picture.js';
import { acceptFiles } from '../page/accept_files.js';
import { find } from '../page/elements.js';
import { pageMessages } from '../page/messages.js';
import { modelControl } from './model_control.js';
import { pictureView } from './picture_view.js';
import { sortFiles } from './sort_files.js';

const messages = pageMessages();
const view = pictureView(messages);
const models = modelControl(messages, (model) => view.useModel(model));
let scene = 6;

acceptFiles(['#picture-file', '#model-files'], (files) => {
  attempt(async () => {
    const { pictures, configs, checkpoints } = sortFiles(files);
    await models.give(configs, checkpoints);
    const [picture] = pictures;
    if (picture !== undefined) await openPicture(picture);
  });
});

find('#example', HTMLButtonElement).addEventListener('click', () => {
  scene += 1;
  attempt(showExample);
});

await attempt(showExample);
await attempt(models.start);

async function openPicture(file: File): Promise<void> {
  messages.status(`reading ${file.name}`);
  const start = performance.now();
  const image = await decodePicture(file, file.name);
  await view.useImage({ name: file.name, image, stage: 'read', milliseconds: performance.now() - start });
}

async function showExample(): Promise<void> {
  const start = performance.now();
  const { image } = drawDemoScene(scene);
  await view.useImage({
    name: `scene_${scene}.png`,
    image,
    stage: 'draw scene',
    milliseconds: performance.now() - start,
  });
}

/** What goes wrong is said in the page. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    messages.clearError();
    await work();
  } catch (error) {
    messages.error(error);
    messages.status('');
  }
}
