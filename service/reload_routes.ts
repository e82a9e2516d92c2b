/** Models that are loaded anew, by request. */
import type { RouteContext } from './create_service.js';
import { refuseOtherMethods } from './methods.js';
import { findModel, stopping } from './model_routes.js';
import type { ReloadOutcome } from './reload.js';
import { RequestError } from './request_error.js';

/** Loads a model anew, in whichever processes hold it. @throws faults, which are told to nobody. */
export type Reload = (name: string) => Promise<ReloadOutcome>;

/**
 * `POST /v1/models/NAME/reload`, where there are keys: without them any page that a browser on this machine has open could send it.
 * The answer comes when the model before is no longer used by any request.
 */
export function addReloadRoutes({ app, models, asksForKeys, isStopping, leave }: RouteContext, reload: Reload): void {
  const url = '/v1/models/:name/reload';
  app.post<{ Params: { name: string } }>(url, async (request, reply) => {
    if (!asksForKeys) throw keyless();
    if (isStopping()) throw stopping();
    const { name } = findModel(models, request.params.name);
    const [option] = Object.keys(typeof request.query === 'object' ? (request.query ?? {}) : {});
    if (option !== undefined) throw optionGiven(option);
    // It waits for all requests that are under way, and would wait for itself.
    leave(request);
    const outcome = await reload(name);
    if (outcome.kind === 'reloaded') return outcome.model;
    if (outcome.kind === 'busy') throw reloadingAlready();
    reply.log.error({ model: name, reason: outcome.reason }, 'a model is not loaded anew');
    throw notReloaded(outcome.reason);
  });
  refuseOtherMethods(app, url, 'POST');
}

function reloadingAlready(): RequestError {
  const expected = 'no other model that is being loaded anew: it is done one at a time';
  const headers = { 'retry-after': '5' };
  return new RequestError({ status: 409, code: 'reloading', where: 'server', expected, headers });
}

function keyless(): RequestError {
  const hint = 'Start it with --keys FILE, or send its process SIGHUP.';
  return new RequestError({ status: 403, code: 'no-keys', where: 'server', expected: 'a server with keys', hint });
}

function optionGiven(name: string): RequestError {
  const parts = { status: 400, code: 'invalid-option', where: `query.${name}`, expected: 'no option' } as const;
  return new RequestError({ ...parts, hint: 'A model is loaded anew from what it was first loaded from.' });
}

/** The sender's files are not at fault, and yet it is the sender who replaced them. */
function notReloaded(reason: string): RequestError {
  const parts = { status: 500, code: 'not-reloaded', where: 'reload', expected: 'a model that can be loaded' } as const;
  return new RequestError({ ...parts, hint: `The one before goes on. ${reason}` });
}
