import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { onAbort } from '../../core/abort.js';
import { LowformerError } from '../../core/errors.js';
import type { Log } from '../../core/log.js';
import { listening } from '../../files/interruption.js';
import type { ApiKey } from '../../service/api_keys.js';
import type { Certificate } from '../../service/certificate.js';
import type { ServiceLimits } from '../../service/limits.js';
import type { ModelArgument } from '../../service/model_arguments.js';
import type { Reload } from '../../service/reload_routes.js';
import {
  type CommonOptions,
  commonOptions,
  denseBoxesOption,
  positiveInteger,
  runningOptions,
  ttaOption,
  withCommonOptions,
} from '../common_options.js';
import { createConsole } from '../console.js';
import { fetchOptions } from '../fetching.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import { reloadedOnHangup, unmovedByHangup } from '../reload_on_hangup.js';
import { ENDING, type Told } from '../served_address.js';
import { writeStdout } from '../standard_streams.js';

const optionsSchema = z.object({
  host: z.string(),
  port: z.number(),
  processes: z.number(),
  keys: z.string().optional(),
  tlsCert: z.string().optional(),
  tlsKey: z.string().optional(),
  checkpoint: z.array(z.string()),
  sessions: z.number(),
  tta: z.boolean(),
  denseBoxes: z.boolean().optional(),
  maxBatch: z.number().optional(),
  maxWait: z.number().optional(),
  maxMegabytes: z.number(),
  maxMegapixels: z.number(),
  maxPictures: z.number(),
  maxQueue: z.number(),
  maxSeconds: z.number(),
});

type ServeOptions = z.output<typeof optionsSchema>;

/** Pictures that share a run on a graphics processor, where a batch takes less than its pictures do one after another. */
const BATCH_OF_GRAPHICS = 8;
const DEFAULT_WAIT = 2;
/** The environment's variable with API keys. */
const KEYS = 'LOWFORMER_KEYS';
/** Each holds the models. */
const MOST_PROCESSES = 64;

/** `lowformer serve [NAME=]CONFIG…`: models that answer over HTTP. */
export function serveCommand(signal: AbortSignal): Command {
  const command = new Command('serve').argument('<config...>', '[NAME=]CONFIG each, or a folder of models');
  const shared = withCommonOptions(new Command()).options;
  const number = (flags: string, description: string, value: number) =>
    new Option(flags, description).default(value).argParser(positiveNumber);
  const whole = (flags: string, description: string, value: number) =>
    new Option(flags, description).default(value).argParser(positiveInteger);
  command
    .option('--host <address>', 'where to listen; 0.0.0.0 is reached from other machines', '127.0.0.1')
    .addOption(new Option('--port <n>', '0 for any that is free').default(8080).argParser(portNumber))
    .option('--keys <file>', `API keys, one a line, one of which every request has to present; or the variable ${KEYS}`)
    .option('--tls-cert <file>', 'certificate (PEM), with which TLS is spoken: https')
    .option('--tls-key <file>', 'its private key (PEM)')
    .addOption(
      new Option('--checkpoint <file>', '[NAME=]FILE: weights of a model; once for each')
        .default([], 'those of the configs')
        .argParser((text: string, before: readonly string[]) => [...before, text]),
    )
    .addOption(
      new Option('--processes <n>', 'processes that answer on the address, each with the models')
        .default(1)
        .argParser(processCount),
    )
    .addOption(ttaOption())
    .addOption(denseBoxesOption())
    .addOption(whole('--sessions <n>', 'copies of each network that run side by side', 1))
    .addOption(
      new Option(
        '--max-batch <n>',
        `pictures of one size that share a run of the network; by default 1 on the processor, else ${BATCH_OF_GRAPHICS}`,
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option('--max-wait <ms>', `how long a picture waits for others; ${DEFAULT_WAIT} by default`).argParser(
        waitingTime,
      ),
    )
    .addOption(number('--max-megabytes <n>', 'of the body of a request', 32))
    .addOption(number('--max-megapixels <n>', 'of a picture', 50))
    .addOption(whole('--max-pictures <n>', 'of a request', 16))
    .addOption(whole('--max-queue <n>', 'pictures that wait for a model; more are refused', 64))
    .addOption(number('--max-seconds <s>', 'from the start of a request to its answer', 60));
  const own = new Set(command.options.map(({ long }) => long));
  for (const option of shared) if (!own.has(option.long)) command.addOption(option);
  return command.action(async (configs: string[], given: unknown) => {
    await listening(() => serve(configs, optionsSchema.parse(given), withoutCheckpoint(given), signal));
  });
}

/** `--checkpoint` is a list here. */
function withoutCheckpoint(given: unknown): CommonOptions {
  return commonOptions({ ...z.record(z.string(), z.unknown()).parse(given), checkpoint: undefined });
}

async function serve(
  configs: readonly string[],
  options: ServeOptions,
  common: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const { roleOf } = await import('../../service/processes/role.js');
  const role = roleOf();
  // Of several processes the first says what there is to say of models.
  const log = createConsole(common.quiet || role === 'other');
  const limits = limitsOf(options);
  const batch = batchOf(options, common);
  if (role === 'alone') await checkJsonTarget(common.json);
  const secrets = await secretsOf(options);
  const { modelArguments } = await import('../../service/model_arguments.js');
  const { isLoopback } = await import('../../service/security_headers.js');
  const wanted = await modelArguments(configs, options.checkpoint);
  checkOfOne(wanted, common);
  // Before models are loaded, which may take long.
  const { loadFastify } = await import('../../service/load_fastify.js');
  await loadFastify();
  const names = wanted.map(({ name }) => name);
  const tell = async ({ address, models }: Told) => {
    for (const { name, task } of models) log.say(`${name}: ${address}/v1/models/${name} (${task})`);
    if (common.json === undefined) await writeStdout(`${address}\n`);
    else await writeJson(common.json, { address, models });
  };
  if (role === 'alone') {
    await warnOfTime(options, secrets, log);
    if (secrets.keys === undefined && !isLoopback(options.host)) {
      log.warn(`--host ${options.host}: other machines are let in, and nobody is asked for a key. --keys FILE asks.`);
    }
    if (options.processes > 1) {
      const { serveProcesses } = await import('../serve_processes.js');
      const renew = async () => warnOfTime(options, await secretsOf(options), log);
      await serveProcesses({ processes: options.processes, time: limits.time, names, renew, tell, log, signal });
      return;
    }
  }

  const { loadModel } = await import('../../models/load_model.js');
  const { serviceMetrics } = await import('../../service/service_metrics.js');
  const { openModels } = await import('../../service/open_models.js');
  const running = runningOptions(await shareOfThreads(options, common));
  const load = ({ name, config, checkpoint }: ModelArgument) =>
    loadModel(config, {
      allowMismatch: common.allowMismatch,
      cfgOptions: common.cfgOptions,
      engine: common.engine,
      keepNetwork: common.cache,
      sessions: options.sessions,
      ...(options.tta ? { tta: true } : {}),
      ...(options.denseBoxes === true ? { denseBoxes: true } : {}),
      ...fetchOptions(common, { ...log, say: (line) => log.say(`${name}: ${line}`) }, signal),
      ...running,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(common.checkpointKey === undefined ? {} : { checkpointKey: common.checkpointKey }),
    });
  const metrics = serviceMetrics();
  await using served = await openModels(wanted, load, { limits, sessions: options.sessions, ...batch, metrics });

  const { createService } = await import('../../service/create_service.js');
  const { listen, stop } = await import('../../service/listen.js');
  const { reloadModel } = await import('../../service/reload.js');
  const { supervisor } = await import('../../service/processes/worker.js');
  const reload: Reload = (name) => reloadModel(served, name, service.requestsOver);
  const renew = async () => service.replace(await secretsOf(options));
  const ending = new AbortController();
  onAbort(signal, () => ending.abort());
  let isStarting = role !== 'alone';
  using above =
    role === 'alone'
      ? undefined
      : supervisor({
          metrics: () => service.ownMetrics(),
          reload,
          renew,
          ready: () => {
            isStarting = false;
          },
          stop: () => ending.abort(),
        });
  const service = await createService({
    models: served.models,
    limits,
    ownNamesAlone: isLoopback(options.host),
    ...secrets,
    reload: above?.reload ?? reload,
    metrics,
    readMetrics: above?.metrics,
    isStarting: () => isStarting,
    log: { stream: process.stderr, level: common.quiet ? 'error' : 'info' },
  });
  const address = await listen(service, options);
  try {
    signal.throwIfAborted();
    const models = [...served.models.values()].map(({ name, facts: { task } }) => ({ name, task }));
    using _ = above === undefined ? reloadedOnHangup({ names, reload, renew }, log) : unmovedByHangup();
    await (above?.listening ?? tell)({ address, models });
    await new Promise<void>((resolve) => {
      if (ending.signal.aborted) resolve();
      onAbort(ending.signal, resolve);
    });
    if (role === 'alone') log.say(ENDING);
  } finally {
    await stop(service, limits.time);
  }
}

function limitsOf(options: ServeOptions): ServiceLimits {
  const { maxMegabytes, maxMegapixels, maxPictures, maxQueue, maxSeconds } = options;
  if (maxPictures > maxQueue) {
    const expected = `at least the ${maxPictures} of --max-pictures`;
    throw new LowformerError({ code: 'invalid-argument', where: '--max-queue', expected, received: maxQueue });
  }
  return {
    bytes: Math.ceil(maxMegabytes * 1e6),
    pixels: Math.ceil(maxMegapixels * 1e6),
    pictures: maxPictures,
    waiting: maxQueue,
    time: Math.ceil(maxSeconds * 1000),
  };
}

/** Those of the file or of the environment; a variable that is there and empty is no way to have none. */
async function keysOf({ keys: file }: ServeOptions): Promise<readonly ApiKey[] | undefined> {
  const given = process.env[KEYS];
  if (file === undefined && given === undefined) return undefined;
  const { parseApiKeys, readApiKeys } = await import('../../service/api_keys.js');
  if (file === undefined) return parseApiKeys(given ?? '', KEYS);
  if (given === undefined) return readApiKeys(file);
  const expected = `no variable ${KEYS} beside it: keys come from one place`;
  throw new LowformerError({ code: 'invalid-argument', where: '--keys', expected });
}

/** Keys and certificate, read anew each time. */
async function secretsOf(options: ServeOptions) {
  return { keys: await keysOf(options), certificate: await certificateOf(options) };
}

async function certificateOf({ tlsCert: cert, tlsKey: key }: ServeOptions): Promise<Certificate | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const [where, missing] = cert === undefined ? ['--tls-key', '--tls-cert'] : ['--tls-cert', '--tls-key'];
    throw new LowformerError({ code: 'invalid-argument', where, expected: `${missing} beside it: TLS needs both` });
  }
  const { readCertificate } = await import('../../service/certificate.js');
  return readCertificate({ cert, key });
}

/** Warns of a certificate that clients refuse now. */
async function warnOfTime(
  { tlsCert }: ServeOptions,
  { certificate }: { readonly certificate: Certificate | undefined },
  log: Log,
): Promise<void> {
  if (certificate === undefined) return;
  const { outOfTime } = await import('../../service/certificate.js');
  const warning = outOfTime(certificate);
  if (warning !== undefined) log.warn(`${tlsCert}: ${warning}`);
}

/** Of several processes each has a part of the threads, where it is not said how many. */
async function shareOfThreads({ processes }: ServeOptions, common: CommonOptions): Promise<CommonOptions> {
  if (processes === 1 || common.threads !== undefined || common.device !== 'cpu') return common;
  const { threadLimit } = await import('../../engines/thread/threads.js');
  return { ...common, threads: Math.max(1, Math.floor(threadLimit().threads / processes)) };
}

function batchOf({ maxBatch, maxWait }: ServeOptions, { device }: CommonOptions) {
  const pictures = maxBatch ?? (device === 'cpu' ? 1 : BATCH_OF_GRAPHICS);
  if (pictures === 1 && maxWait !== undefined) {
    const expected = '--max-batch above 1: a picture that shares its run with none waits for none';
    throw new LowformerError({ code: 'invalid-argument', where: '--max-wait', expected, received: pictures });
  }
  return { maxBatch: pictures, maxWait: maxWait ?? DEFAULT_WAIT };
}

/** Options that are of one config, and would be tried on each. */
function checkOfOne(models: readonly ModelArgument[], common: CommonOptions): void {
  if (models.length === 1) return;
  const given = [
    { where: '--cfg-options', is: common.cfgOptions.length > 0 },
    { where: '--checkpoint-key', is: common.checkpointKey !== undefined },
    { where: '--allow-mismatch', is: common.allowMismatch.length > 0 },
  ].find(({ is }) => is);
  if (given === undefined) return;
  throw new LowformerError({
    code: 'invalid-argument',
    where: given.where,
    expected: 'one model that it is of',
    received: models.length,
    hint: "Write what it says into the model's config: lowformer config print CONFIG --cfg-options … --json FILE.",
  });
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

function processCount(text: string): number {
  const value = positiveInteger(text);
  if (value > MOST_PROCESSES) throw new InvalidArgumentError(`Expected at most ${MOST_PROCESSES} processes.`);
  return value;
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('Expected a port, from 0 to 65535.');
  return value;
}

function waitingTime(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 60_000))
    throw new InvalidArgumentError('Expected milliseconds, 0 to 60000.');
  return value;
}
