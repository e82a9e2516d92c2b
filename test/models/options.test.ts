import { describe, expect, test } from 'vitest';
import { loadModel } from '../../models/load_model.js';
import { checkOptions, predictManySchema, predictSchema } from '../../models/predict_options.js';

const load = (options: unknown) => loadModel('lowformer-b0_in1k', options as Parameters<typeof loadModel>[1]);

describe('what loading is asked for', () => {
  test.each([
    ['a misspelt name', { precison: 'float16' }, "Did you mean 'precision'?"],
    ['a flag of the command line', { 'allow-mismatch': [] }, "Did you mean 'allowMismatch'?"],
    ['an unknown name', { colour: 3 }, 'options.colour'],
    ['another precision', { precision: 'int8' }, "received 'int8'"],
    ['text for a list', { allowMismatch: 'neck' }, 'options.allowMismatch: expected a list'],
    ['text for a number', { threads: '2' }, 'options.threads'],
    ['no threads', { threads: 0 }, 'options.threads'],
    ['half a thread', { threads: 1.5 }, 'options.threads'],
    ['a controller for its signal', { signal: new AbortController() }, 'options.signal: expected an AbortSignal'],
    ['text for a function', { onMessage: 'print' }, 'options.onMessage: expected a function'],
    ['text for truth', { fastMath: 'yes' }, 'options.fastMath'],
    ['a pass that is none', { passes: { composeLinears: false } }, 'options.passes'],
    ['no object', 'float16', 'options: expected'],
    ['null', null, 'options: expected'],
  ])('%s is an error', async (_, options, message) => {
    await expect(load(options)).rejects.toMatchObject({
      name: 'LowformerError',
      code: 'invalid-argument',
      message: expect.stringContaining(message),
    });
  });

  test.each([undefined, null, 7, true])('%s is no config', async (config) => {
    await expect(loadModel(config as unknown as string)).rejects.toThrow('config: expected a config file');
  });
});

describe('what predicting is asked for', () => {
  test.each([
    [predictSchema, { batchSize: 2 }, 'options.batchSize'],
    [predictSchema, { transfer: 'yes' }, 'options.transfer'],
    [predictSchema, { timing: () => {} }, 'options.timing'],
    [predictManySchema, { batchSize: 0 }, 'options.batchSize'],
    [predictManySchema, { batchSize: Number.NaN }, 'options.batchSize'],
    [predictManySchema, { batchsize: 2 }, "Did you mean 'batchSize'?"],
  ])('%# is an error', (schema, options, message) => {
    expect(() => checkOptions(schema, options)).toThrow(message);
  });

  test('all of it right is right', () => {
    const { signal } = new AbortController();
    checkOptions(predictManySchema, { batchSize: 2, signal, onTiming: () => {}, transfer: true });
    checkOptions(predictManySchema, undefined);
  });
});
