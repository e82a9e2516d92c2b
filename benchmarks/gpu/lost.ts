/** A device that is lost under two models: what is said, and that both run on, on another device of the same driver. */
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonOf } from '../../engines/reason.js';
import { driverFaults } from './driver_faults.js';
import { furthest, scene } from './life.js';
import type { Where } from './networks.js';
import { NotHere } from './not_here.js';
import type { StepContext } from './steps.js';

/** Beside this file in what pack.sh packs. */
const LIBRARY = fileURLToPath(new URL('./driver_faults.so', import.meta.url));

/**
 * The loss is said by a layer between the loader and the driver, in the driver's own words (VK_ERROR_DEVICE_LOST): the card is not
 * disturbed, and other programs on it notice nothing.
 */
export async function lost(where: Where, context: StepContext): Promise<void> {
  if (!existsSync(LIBRARY))
    throw new NotHere('packed on a machine without a C compiler: there is no layer that loses a device');
  const faults = driverFaults(LIBRARY, await mkdtemp(join(tmpdir(), 'lost-')));
  Object.assign(process.env, faults.losing);
  const restarts: string[] = [];
  const { names, input, open } = scene(where, context, { onRestart: ({ code }) => restarts.push(code) });
  const { signal, emit } = context;
  const first = await open(names[0]);
  const second = await open(names[1]);
  try {
    const before = [await first.run({ input }, { signal }), await second.run({ input }, { signal })];
    faults.lose();
    const said = await first.run({ input }, { signal }).then(
      () => 'it ran',
      (error: unknown) => (error instanceof Object && 'code' in error ? String(error.code) : reasonOf(error)),
    );
    emit({ what: 'a run whose device is lost', said, agrees: said === 'lost-device' });
    for (const [i, engine] of [first, second].entries()) {
      const start = performance.now();
      const off = furthest(await engine.run({ input }, { signal }), before[i] ?? {});
      const seconds = (performance.now() - start) / 1000;
      const what = i === 0 ? 'its next run' : 'the model beside it';
      emit({ what, said: `off by ${off}`, 'seconds with opening': seconds, agrees: off === 0 });
    }
    emit({ what: 'models opened anew', said: restarts.join(', '), agrees: restarts.length === 2 });
  } finally {
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
  }
}
