/**
 * What a server counts. Values of labels are few: routes as they are written in this folder, statuses, codes of errors, models.
 * Own code of three kinds of lines, where `prom-client` would be one more package that whoever serves installs.
 */
import { packageVersion } from '../files/package_version.js';
import { counter, type Family, gauge, histogram } from './metric_families.js';
import type { ServedModel } from './served_model.js';

/** What a picture goes through, in this order. */
export type Stage = 'queue' | 'decode' | 'prepare' | 'network' | 'postprocess' | 'answer';

/** What came of a picture: `abandoned` where nobody waited for it any longer. */
export type Outcome = 'answered' | 'failed' | 'abandoned';

export interface ServiceMetrics {
  /** @param route as it is written, `/v1/models/:name`; undefined where a path is none of them. */
  request(route: string | undefined, status: number, seconds: number): void;
  error(code: string): void;
  picture(model: string, outcome: Outcome): void;
  stage(model: string, stage: Stage, seconds: number): void;
  /** All of it, with what the models and the process are at now. */
  families(now: { readonly models: Iterable<ServedModel>; readonly heldBytes: number }): readonly Family[];
}

/** From a millisecond to the minute after which requests are given up. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function serviceMetrics(): ServiceMetrics {
  const requests = counter('lowformer_requests_total', 'Requests that were answered, by route and status.');
  const times = histogram('lowformer_request_duration_seconds', 'From a request’s headers to its answer.', SECONDS);
  const errors = counter('lowformer_errors_total', 'Answers that were errors, by their code; busy is a full queue.');
  const pictures = counter('lowformer_pictures_total', 'Pictures that were sent, by what came of them.');
  const stages = histogram(
    'lowformer_picture_stage_seconds',
    'What a picture went through; prepare, network and postprocess are those of the batch that it shared.',
    SECONDS,
  );
  return {
    request(route = 'none', status, seconds) {
      requests.add({ route, status: String(status) });
      times.observe({ route }, seconds);
    },
    error: (code) => errors.add({ code }),
    picture: (model, outcome) => pictures.add({ model, outcome }),
    stage: (model, stage, seconds) => stages.observe({ model, stage }, seconds),
    families: ({ models, heldBytes }) => [
      ...[requests, times, errors, pictures, stages].map((metric) => metric.family()),
      ...ofModels([...models]),
      gauge('lowformer_body_bytes', 'Bytes of requests’ bodies that are held.', [[{}, heldBytes]]),
      ...ofProcess(),
    ],
  };
}

function ofModels(models: readonly ServedModel[]): readonly Family[] {
  const each = (value: (model: ServedModel) => number) =>
    models.map((model) => [{ model: model.name }, value(model)] as const);
  const info = models.map(({ name, facts: { task, device, engine } }) => {
    return [{ model: name, task, device, engine: engine.name }, 1] as const;
  });
  return [
    gauge(
      'lowformer_pictures_waiting',
      'Pictures that wait for their turn.',
      each(({ queue }) => queue.waiting),
    ),
    gauge(
      'lowformer_pictures_running',
      'Pictures that are decoded or run.',
      each(({ queue }) => queue.running),
    ),
    gauge('lowformer_model_info', 'Models that are loaded: always 1.', info, 'largest'),
    gauge(
      'lowformer_model_loaded_timestamp_seconds',
      'When the model was loaded, since 1970.',
      each(({ loadedAt }) => loadedAt / 1000),
      'largest',
    ),
  ];
}

/** Names that Prometheus' own clients give these. */
function ofProcess(): readonly Family[] {
  const { user, system } = process.cpuUsage();
  const start = Date.now() / 1000 - process.uptime();
  const cpu = gauge('process_cpu_seconds_total', 'Processor time that was spent.', [[{}, (user + system) / 1e6]]);
  return [
    { ...cpu, type: 'counter' },
    gauge('process_resident_memory_bytes', 'Memory that is held (RSS).', [[{}, process.memoryUsage.rss()]]),
    gauge('process_start_time_seconds', 'When the process began, since 1970.', [[{}, start]], 'largest'),
    gauge('lowformer_processes', 'Processes that answer.', [[{}, 1]]),
    gauge('lowformer_build_info', 'Version: always 1.', [[{ version: packageVersion() }, 1]], 'largest'),
  ];
}
