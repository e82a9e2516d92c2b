/**
 * The Open Inference Protocol (V2, as KServe and Triton speak it) over HTTP: models take and give tensors.
 * https://github.com/kserve/open-inference-protocol, with Triton's extension `binary_tensor_data`.
 */
import type { FastifyRequest } from 'fastify';
import { packageVersion } from '../../files/package_version.js';
import { checkRoom, ofEach } from '../admission.js';
import type { RouteContext } from '../create_service.js';
import { refuseOtherMethods } from '../methods.js';
import { findModel } from '../model_routes.js';
import { RequestError } from '../request_error.js';
import type { ServedModel } from '../served_model.js';
import { inferAnswer } from './infer_answer.js';
import { inferRequest } from './infer_request.js';
import { inputPictures } from './input_pictures.js';
import { modelMetadata } from './metadata.js';
import { outputTensors } from './output_tensors.js';
import { LENGTH_HEADER, splitBody } from './request_body.js';

interface OfModel {
  Params: { name: string };
}

/** `GET /v2`, `/v2/health/live`, `/v2/health/ready`, `/v2/models/NAME`, `/v2/models/NAME/ready`, `POST /v2/models/NAME/infer`. */
export function addOpenInferenceRoutes({
  app: whole,
  models,
  limits,
  checkReady,
  admission,
  parseBody,
}: RouteContext): void {
  // Bodies are of other types than those of other routes, and clients do not name them all.
  whole.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', parseBody);

    const told: Readonly<Record<string, (name: string) => object>> = {
      '/v2': () => ({ name: 'lowformer', version: packageVersion(), extensions: ['binary_tensor_data'] }),
      '/v2/health/live': () => ({ live: true }),
      '/v2/health/ready': () => {
        checkReady();
        return { ready: true };
      },
      '/v2/models/:name': (name) => modelMetadata(findModel(models, name)),
      '/v2/models/:name/ready': (name) => {
        const model = findModel(models, name);
        checkReady();
        return { name: model.name, ready: true };
      },
    };
    for (const [path, answer] of Object.entries(told)) {
      app.get<OfModel>(path, async ({ params }) => answer(params.name));
      refuseOtherMethods(app, path, 'GET');
    }

    const asked = new WeakMap<FastifyRequest, { readonly model: ServedModel; readonly signal: AbortSignal }>();
    app.post<OfModel>(
      '/v2/models/:name/infer',
      {
        onRequest: async (request, reply) => {
          const model = findModel(models, request.params.name);
          checkType(request.headers['content-type']);
          checkQuery(request.query);
          asked.set(request, { model, signal: admission.admit(request, reply, model) });
        },
      },
      async (request, reply) => {
        const found = asked.get(request);
        if (found === undefined) throw new RangeError('a request that was not begun');
        const { model, signal } = found;
        const { name, facts } = model;
        const body: unknown = request.body;
        const { json, binary } = splitBody(body instanceof Uint8Array ? body : new Uint8Array(), lengthOf(request));
        const { id, parameters, input, outputs } = inferRequest(json, name, facts.task);
        const pictures = inputPictures(input, binary, facts.task, limits);
        checkRoom(model, pictures.length);
        const predictions = await ofEach(pictures, (picture) =>
          model.predict(picture, signal, ({ result, notes }) => ({ file: picture.file, result, notes })),
        );
        const answer = inferAnswer({
          name,
          id,
          outputs,
          tensors: outputTensors(
            predictions.map(({ result }) => result),
            parameters,
          ),
          notes: predictions.flatMap(({ file, notes }) => notes.map(({ message }) => `${file}: ${message}`)),
        });
        if (answer.jsonLength === undefined) return reply.type('application/json; charset=utf-8').send(answer.body);
        reply.header(LENGTH_HEADER, answer.jsonLength);
        return reply.type('application/octet-stream').send(answer.body);
      },
    );
    refuseOtherMethods(app, '/v2/models/:name/infer', 'POST');

    // A model that is loaded is the only one of its name: to answer to a number would promise that it stays the same.
    for (const end of ['', '/ready', '/infer']) {
      app.all<OfModel>(`/v2/models/:name/versions/:version${end}`, {
        onRequest: async ({ params }) => {
          throw noVersions(findModel(models, params.name).name, end);
        },
        handler: async () => undefined,
      });
    }
  });
}

function lengthOf({ headers }: FastifyRequest): string | undefined {
  const length = headers[LENGTH_HEADER];
  return Array.isArray(length) ? length.join(', ') : length;
}

/** Triton's client names none. */
function checkType(type: string | undefined): void {
  if (type === undefined || /^application\/(?:json|octet-stream)\s*(?:;|$)/i.test(type)) return;
  throw new RequestError({
    status: 415,
    code: 'wrong-type',
    where: 'content-type',
    expected: 'application/json, or application/octet-stream where bytes follow the JSON',
    received: type,
    hint: "With curl: --header 'content-type: application/json'.",
  });
}

/** Clients of `/v1` have options there. */
function checkQuery(query: unknown): void {
  const [name] = typeof query === 'object' && query !== null ? Object.keys(query) : [];
  if (name === undefined) return;
  const parts = { status: 400, code: 'invalid-option', where: `query.${name}`, expected: 'no option' } as const;
  throw new RequestError({ ...parts, hint: "Those of inference are the body's parameters." });
}

function noVersions(name: string, end: string): RequestError {
  const parts = { status: 404, code: 'unknown-path', where: 'path' } as const;
  return new RequestError({ ...parts, expected: `/v2/models/${name}${end}: models have no versions here` });
}
