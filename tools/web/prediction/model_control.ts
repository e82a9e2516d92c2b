/** Which model runs: the demo, a shipped config or the user's own, its checkpoint, and the device. */

import { publishedModel } from '../../../configs/zoo/index.js';
import { findDevices } from '../../../engines/onnxruntime_web/devices.js';
import type { WebDevice } from '../../../engines/onnxruntime_web/web_device.js';
import { isModelFile } from '../../../models/quantized_model.js';
import type { FetchProgress } from '../../../web/fetch_file.js';
import { quantizedConfigOf } from '../../../web/quantized_source.js';
import { readConfigBlob } from '../../../web/read_config.js';
import { fileSize } from '../../../weights/download/file_size.js';
import { offerDevices } from '../page/device_choice.js';
import { fillSelect, find } from '../page/elements.js';
import type { Messages } from '../page/messages.js';
import { configMenu, DEMO, isOwnConfig, ownConfigValue } from './config_menu.js';
import { DEMO_MODEL } from './demo_model.js';
import { describeModel, describeWait, offerWeights } from './model_panel.js';
import { type ModelChoice, type OpenPrediction, openPrediction } from './open_prediction.js';

export interface ModelControl {
  /** Finds the devices and opens the demo. */
  start(): Promise<void>;
  /** Takes configs and checkpoints; a model opens as soon as it has both. */
  give(configs: readonly File[], checkpoints: readonly File[]): Promise<void>;
}

/** @param onModel told the model that runs from now on; undefined while none does. */
export function modelControl(
  messages: Messages,
  onModel: (model: OpenPrediction | undefined) => Promise<void>,
): ModelControl {
  const menu = find('#config', HTMLSelectElement);
  let ownName: string | undefined;
  let ownFiles: Readonly<Record<string, unknown>> = {};
  let checkpoint: File | undefined;
  // A checkpoint that has opened a model belongs to that model's config; another is kept for the config to come.
  let used: File | undefined;
  // The published model whose weights are to be downloaded.
  let wanted: string | undefined;
  let open: OpenPrediction | undefined;
  let device: WebDevice = 'wasm';
  let threads = 1;
  // Of several changes in a row only the last opens a model.
  let latest = 0;

  async function reopen(): Promise<void> {
    const mine = ++latest;
    await onModel(undefined);
    open?.stop();
    open = undefined;
    try {
      const opened = await openChosen();
      if (mine !== latest) return opened?.stop();
      open = opened;
      if (opened !== undefined) describeModel(opened.description, device);
      messages.status('');
      await onModel(opened);
    } catch (error) {
      // What went wrong with an earlier choice concerns nobody any more.
      if (mine !== latest) return;
      if (open === undefined) describeWait('No model is open.');
      throw error;
    }
  }

  /** undefined where something is missing, which the page then says. */
  async function openChosen(): Promise<OpenPrediction | undefined> {
    const parts = await chosenParts();
    if (parts === undefined) return undefined;
    used = menu.value === DEMO ? undefined : checkpoint;
    describeWait('opening …');
    messages.status(device === 'wasm' ? 'opening the network' : 'opening the network on WebGPU');
    const onDownload = ({ received, total }: FetchProgress) =>
      messages.status(`downloading ${fileSize(received)}${total === undefined ? '' : ` of ${fileSize(total)}`}`);
    return openPrediction({ ...parts, device, threads, onDownload });
  }

  async function chosenParts(): Promise<Pick<ModelChoice, 'config' | 'checkpoint' | 'files'> | undefined> {
    if (menu.value === DEMO) return DEMO_MODEL;
    const own = isOwnConfig(menu.value);
    const name = own && ownName !== undefined ? ownName : menu.value;
    if (checkpoint !== undefined) return { config: name, files: ownFiles, checkpoint };
    const published = own ? undefined : publishedModel(name);
    if (published === undefined) {
      describeWait(`${name} is chosen. Now give its checkpoint (.safetensors, .pth): drop it on the page.`);
      return undefined;
    }
    // The page asks no other host for anything unless it is told to.
    if (wanted === name) return { config: name, files: {}, checkpoint };
    offerWeights(published).addEventListener('click', () => {
      wanted = name;
      tryReopen();
    });
    return undefined;
  }

  async function tryReopen(): Promise<void> {
    messages.clearError();
    await reopen().catch((error: unknown) => {
      messages.error(error);
      messages.status('');
    });
  }

  fillSelect(menu, configMenu(undefined));
  menu.addEventListener('change', () => {
    if (checkpoint === used) checkpoint = undefined;
    tryReopen();
  });
  return {
    async start() {
      const devices = await findDevices();
      threads = devices.wasm.threads;
      device = offerDevices(find('#devices', HTMLElement), devices, (chosen) => {
        device = chosen;
        tryReopen();
      }).chosen;
      await reopen();
    },
    async give(configs, checkpoints) {
      if (configs.length === 0 && checkpoints.length === 0) return;
      const trees = await Promise.all(
        configs.map(async (file) => [file.name, await readConfigBlob(file.name, file)] as const),
      );
      // A quantized model is its config, where it comes without another.
      for (const file of configs.length === 0 ? checkpoints.filter(({ name }) => isModelFile(name)) : []) {
        trees.push([file.name, await quantizedConfigOf(file.name, file)]);
      }
      ownFiles = { ...ownFiles, ...Object.fromEntries(trees) };
      // Of several the one that names others: its bases do not name it.
      const top = trees.find(([, tree]) => JSON.stringify(tree).includes('"_base_"')) ?? trees[0];
      if (top !== undefined) {
        [ownName] = top;
        const before = menu.value;
        fillSelect(menu, configMenu(ownName));
        // The same config again, changed perhaps, keeps its checkpoint.
        if (checkpoint === used && before !== ownConfigValue(ownName)) checkpoint = undefined;
        menu.value = ownConfigValue(ownName);
      }
      const [given] = checkpoints;
      if (given !== undefined && menu.value === DEMO) {
        describeWait(`${given.name} is here. Now choose its config above, or drop it as JSON.`);
        checkpoint = given;
        return;
      }
      checkpoint = given ?? checkpoint;
      await reopen();
    },
  };
}
