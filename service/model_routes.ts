/** What there is to ask, and whether the server is well. */
import { classPalette, type GivenPalette } from '../drawing/palette.js';
import type { RouteContext } from './create_service.js';
import { refuseOtherMethods } from './methods.js';
import { RequestError } from './request_error.js';
import type { ServedModel } from './served_model.js';
import { verbOf } from './verbs.js';

/** `GET /v1/models`, `/v1/models/NAME`, `/healthz`, `/readyz`. */
export function addModelRoutes({ app, models, asksForKeys, checkReady }: RouteContext): void {
  app.get('/v1/models', async () => ({ models: [...models.values()].map(modelFacts) }));
  app.get<{ Params: { name: string } }>('/v1/models/:name', async ({ params }) =>
    modelFacts(findModel(models, params.name)),
  );
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async () => {
    checkReady();
    return { status: 'ready', ...(asksForKeys ? {} : { models: [...models.keys()] }) };
  });
  for (const path of ['/v1/models', '/v1/models/:name', '/healthz', '/readyz']) refuseOtherMethods(app, path, 'GET');
}

function modelFacts({ name, facts, queue }: ServedModel) {
  const { task, device, classes, palette, parameters } = facts;
  const { waiting, running } = queue;
  return {
    name,
    task,
    verb: verbOf(task),
    classes,
    colours: coloursOf(classes.length, palette),
    parameters,
    device,
    queue: { waiting, running },
  };
}

/** `#rrggbb` of each class, as boxes and label maps are drawn. */
function coloursOf(count: number, palette: GivenPalette): readonly string[] {
  return classPalette(count, palette).map(
    (colour) => `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`,
  );
}

/** @throws {RequestError} `unknown-model`, which names those that there are. */
export function findModel(models: ReadonlyMap<string, ServedModel>, name: string): ServedModel {
  const model = models.get(name);
  if (model !== undefined) return model;
  const expected = `the name of a model that is served: ${[...models.keys()].join(', ')}`;
  throw new RequestError({ status: 404, code: 'unknown-model', where: 'path', expected, received: name });
}

/** What a server that is about to end says to whoever comes. */
export function stopping(): RequestError {
  const expected = 'a server that goes on, but this one finishes what it has and ends';
  const headers = { 'retry-after': '5', connection: 'close' };
  return new RequestError({
    status: 503,
    code: 'stopping',
    where: 'server',
    expected,
    hint: 'Ask again, perhaps another one.',
    headers,
  });
}

/** What one of several processes says while others load their models. */
export function starting(): RequestError {
  const expected = 'a server whose processes all have their models, but some still load them';
  const headers = { 'retry-after': '2' };
  return new RequestError({ status: 503, code: 'starting', where: 'server', expected, headers });
}
