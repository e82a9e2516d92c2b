import type sharp from 'sharp';
import { LowformerError } from '../core/errors.js';
import { installCommand } from './install_command.js';

/** The package's function, which makes a picture of a file or of pixels. */
export type MakeSharp = typeof sharp;

let loading: Promise<MakeSharp> | undefined;

/**
 * The package that reads and writes picture files, loaded with the first of them: what needs no picture works without its
 * native library, which an installation for another machine does not have.
 * @throws {LowformerError} `missing-package`, with the command that installs it here.
 */
export async function loadSharp(): Promise<MakeSharp> {
  loading ??= importSharp();
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

async function importSharp(): Promise<MakeSharp> {
  const { default: loaded } = await import('sharp').catch((cause: unknown) => {
    throw new LowformerError({
      code: 'missing-package',
      where: 'pictures',
      expected: `the package sharp with a binary for ${process.platform} ${process.arch}`,
      hint: `Install it here, on the machine that runs it: ${installCommand('sharp')}`,
      cause,
    });
  });
  // Every picture is read once: libvips' cache of operations would only hold memory. One thread a picture: decoding one
  // hardly gains from more, and several pictures are decoded side by side on libuv's threads.
  loaded.cache(false);
  loaded.concurrency(1);
  return loaded;
}
