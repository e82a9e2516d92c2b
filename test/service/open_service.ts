import type { Result } from '../../core/results.js';
import { createService, type Service, type ServiceOptions } from '../../service/create_service.js';
import { DEFAULT_LIMITS, type ServiceLimits } from '../../service/limits.js';
import { servedModel } from '../../service/served_model.js';
import { type FakeOptions, fakeModel } from './fake_model.js';

/** A service of fake models, named after their tasks' verbs: `detect`, `segment`, `classify`. */
export async function openService(
  limits: Partial<ServiceLimits> = {},
  fake: FakeOptions = {},
  maxBatch = 1,
  more: Partial<Omit<ServiceOptions, 'models' | 'limits'>> = {},
): Promise<Service & AsyncDisposable> {
  const all = { ...DEFAULT_LIMITS, ...limits };
  const serving = {
    limits: all,
    sessions: 1,
    maxBatch,
    maxWait: 10_000,
    ...(more.metrics === undefined ? {} : { metrics: more.metrics }),
  };
  const tasks: Readonly<Record<string, Result['kind']>> = {
    detect: 'detection',
    segment: 'segmentation',
    classify: 'classification',
  };
  const models = new Map(
    Object.entries(tasks).map(([name, task]) => [name, servedModel(name, fakeModel(task, fake), serving)] as const),
  );
  const service = await createService({ models, limits: all, ownNamesAlone: true, ...more });
  return { ...service, [Symbol.asyncDispose]: async () => await service.app.close() };
}
