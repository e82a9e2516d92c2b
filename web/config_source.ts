import { SHIPPED_CONFIGS } from '../configs/index.js';
import { givenConfigs } from '../models/given_configs.js';
import { isModelFile } from '../models/quantized_model.js';
import type { ConfigReader } from '../registry/config_merge.js';
import { fetchFile } from './fetch_file.js';
import { quantizedConfigOf } from './quantized_source.js';
import { readConfigBlob } from './read_config.js';

/** Finds configs by name among `files` and the shipped ones, and by address on servers, relative to whichever names them. */
export function webConfigs(files: Readonly<Record<string, unknown>>): ConfigReader {
  const given = givenConfigs(files);
  return {
    async read(reference, from) {
      const known = Object.hasOwn(files, reference) || Object.hasOwn(SHIPPED_CONFIGS, reference);
      const address = known ? undefined : addressOf(reference, from);
      if (address === undefined || Object.hasOwn(files, lastPart(reference))) return given.read(reference, from);
      if (isModelFile(new URL(address).pathname)) {
        const file = await fetchFile(address, 'a quantized model');
        return { id: address, tree: { ...(await quantizedConfigOf(address, file)), load_from: address } };
      }
      return { id: address, tree: await readConfigBlob(address, await fetchFile(address, 'a config as JSON')) };
    },
  };
}

const ADDRESS = /^[a-z][a-z\d+.-]+:/i;

/** Of another file than a known one: where it is an address itself, or named by a config that has one. */
function addressOf(reference: string, from: string | undefined): string | undefined {
  if (ADDRESS.test(reference)) return reference;
  return from !== undefined && ADDRESS.test(from) ? new URL(reference, from).href : undefined;
}

function lastPart(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
