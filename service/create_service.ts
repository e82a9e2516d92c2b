/** The server: which requests it takes, and how it answers those that it does not. */
import type { IncomingMessage } from 'node:http';
import { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Admission, admission } from './admission.js';
import type { ApiKey } from './api_keys.js';
import { authenticate, isOpen } from './authentication.js';
import { answerBrokenRequest } from './broken_request.js';
import { type ByteBudget, byteBudget, type HeldBytes } from './byte_budget.js';
import type { Certificate } from './certificate.js';
import { pathOf, sendError, unknownPath } from './error_answer.js';
import { MOST_HELD, type ServiceLimits } from './limits.js';
import { loadFastify } from './load_fastify.js';
import type { Family } from './metric_families.js';
import { addMetricsRoutes } from './metrics_routes.js';
import { addModelRoutes, starting, stopping } from './model_routes.js';
import { addOpenInferenceRoutes } from './open_inference/routes.js';
import { addPageRoutes } from './page_routes.js';
import { BODY_PATTERN } from './picture_body.js';
import { addPredictionRoutes } from './prediction_routes.js';
import { readBody } from './read_body.js';
import { addReloadRoutes, type Reload } from './reload_routes.js';
import { requestsUnderWay } from './requests_under_way.js';
import { checkHost, securityHeaders } from './security_headers.js';
import type { ServedModel } from './served_model.js';
import { type ServiceMetrics, serviceMetrics } from './service_metrics.js';

export interface ServiceOptions {
  /** By their names. */
  readonly models: ReadonlyMap<string, ServedModel>;
  readonly limits: ServiceLimits;
  /** Whether requests have to name this machine, as one that listens on it alone wants them to. */
  readonly ownNamesAlone: boolean;
  /** One of which a request has to present; where it is left out, nobody is asked. */
  readonly keys?: readonly ApiKey[] | undefined;
  /** Where it is left out, no TLS is spoken. */
  readonly certificate?: Certificate | undefined;
  /** Where it is left out, models stay as they are. */
  readonly reload?: Reload | undefined;
  /** What is counted, with what the models count; of this service alone where it is left out. */
  readonly metrics?: ServiceMetrics | undefined;
  /** What is told of it; its own alone where it is left out. */
  readonly readMetrics?: (() => Promise<readonly Family[]>) | undefined;
  /** Whether it waits for other processes before it is ready. */
  readonly isStarting?: (() => boolean) | undefined;
  /** Where lines of JSON about requests go; nowhere where it is left out. Neither pictures nor headers are in them. */
  readonly log?: { readonly stream: NodeJS.WritableStream; readonly level: 'info' | 'error' };
}

export interface Service {
  readonly app: FastifyInstance;
  /** From now on it is not ready, and refuses what comes; what is accepted goes on. */
  refuse(): void;
  /** Resolves when the requests that are under way now are over. */
  requestsOver(): Promise<void>;
  /** What it has counted. */
  ownMetrics(): readonly Family[];
  /** Other keys than before, where it has some; another certificate, where it speaks TLS. */
  replace(secrets: Pick<ServiceOptions, 'keys' | 'certificate'>): void;
}

/**
 * A server with its routes, which does not listen yet.
 * @throws {LowformerError} `missing-package` where fastify is not installed.
 */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { models, limits, ownNamesAlone, certificate, reload, metrics = serviceMetrics(), log } = options;
  const always = securityHeaders(certificate !== undefined, ownNamesAlone);
  const answerError = (error: Error, reply: FastifyReply) =>
    sendError(error, reply, { headers: always, onError: metrics.error });
  const { fastify, LogController } = await loadFastify();
  const shared = {
    logger: log === undefined ? false : { level: log.level, stream: log.stream },
    // One line a request, when it is answered: below.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bytes,
    requestTimeout: limits.time,
    return503OnClosing: false,
    clientErrorHandler: (error: Error, socket: Socket) => {
      const code = answerBrokenRequest(error, socket, always);
      if (code !== undefined) metrics.error(code);
    },
    frameworkErrors: (error: Error, _: unknown, reply: FastifyReply) => answerError(error, reply),
  };
  const patience = Math.min(20_000, limits.time);
  const http = { connectionsCheckingInterval: Math.min(1000, limits.time), headersTimeout: patience };
  const app: FastifyInstance =
    certificate === undefined
      ? fastify({ ...shared, http })
      : fastify({ ...shared, https: { ...http, ...pairOf(certificate), handshakeTimeout: patience } });
  const state = { stopping: false, keys: options.keys };
  const underWay = requestsUnderWay();
  const leave = new WeakMap<FastifyRequest, () => void>();
  const budget = byteBudget(MOST_HELD);
  const bodies = new WeakMap<FastifyRequest, HeldBytes>();
  const admitted = new WeakMap<FastifyRequest, ApiKey>();

  app.addHook('onRequest', async (request, reply) => {
    const end = underWay.begin();
    leave.set(request, end);
    reply.raw.on('close', end);
    const held = budget.open();
    bodies.set(request, held);
    reply.raw.on('close', held.release);
    reply.headers(always);
    if (ownNamesAlone) checkHost(request.headers.host);
    if (state.keys === undefined || isOpen(request.routeOptions.url)) return;
    admitted.set(request, authenticate(state.keys, request.headers.authorization));
  });
  app.addHook('onSend', async (_, reply) => {
    if (state.stopping) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const key = admitted.get(request);
    // Of whoever was not asked for a key, the query may have one by mistake.
    const url = state.keys === undefined || key !== undefined ? request.url : pathOf(request.url);
    const name = key?.name === undefined ? {} : { key: key.name };
    const line = { method, url, ...name, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 };
    request.log.info(line, 'answered');
    metrics.request(request.routeOptions.url, reply.statusCode, reply.elapsedTime / 1000);
  });
  app.setErrorHandler((error: Error, _, reply) => answerError(error, reply));
  app.setNotFoundHandler((request) => {
    throw unknownPath(request.url);
  });
  const parseBody: BodyParser = async (request, payload) => {
    const { 'content-length': announced } = request.headers;
    return readBody(payload, {
      announced: announced === undefined ? undefined : Number(announced),
      most: limits.bytes,
      held: bodies.get(request) ?? budget.open(),
    });
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(BODY_PATTERN, parseBody);

  const isStopping = () => state.stopping;
  const ownMetrics = () => metrics.families({ models: models.values(), heldBytes: budget.held });
  const context = {
    app,
    models,
    limits,
    budget,
    readMetrics: options.readMetrics ?? (async () => ownMetrics()),
    checkReady: () => {
      if (isStopping()) throw stopping();
      if (options.isStarting?.() === true) throw starting();
    },
    asksForKeys: state.keys !== undefined,
    isStopping,
    parseBody,
    admission: admission(limits, budget, isStopping),
    leave: (request: FastifyRequest) => leave.get(request)?.(),
  };
  addModelRoutes(context);
  addPredictionRoutes(context);
  addOpenInferenceRoutes(context);
  addPageRoutes(context);
  addMetricsRoutes(context);
  if (reload !== undefined) addReloadRoutes(context, reload);
  return {
    app,
    refuse: () => {
      state.stopping = true;
    },
    requestsOver: underWay.over,
    ownMetrics,
    replace({ keys, certificate: other }) {
      if (keys !== undefined && state.keys !== undefined) state.keys = keys;
      const { server } = app;
      if (other !== undefined && server instanceof Server) server.setSecureContext(pairOf(other));
    },
  };
}

/** What routes are made with. */
export interface RouteContext {
  readonly app: FastifyInstance;
  readonly models: ReadonlyMap<string, ServedModel>;
  readonly limits: ServiceLimits;
  /** Of the bodies of all requests together. */
  readonly budget: ByteBudget;
  readonly readMetrics: () => Promise<readonly Family[]>;
  /** Whether requests have to present a key; what needs none then tells nothing of the models. */
  readonly asksForKeys: boolean;
  /** @throws {RequestError} 503 where it is not ready: it is about to end, or waits for other processes. */
  readonly checkReady: () => void;
  readonly isStopping: () => boolean;
  readonly admission: Admission;
  readonly parseBody: BodyParser;
  /** The request counts no longer as under way. */
  readonly leave: (request: FastifyRequest) => void;
}

const pairOf = ({ cert, key }: Certificate) => ({ cert, key });

/** A request's body as bytes, which count among those of all requests together. */
export type BodyParser = (request: FastifyRequest, payload: IncomingMessage) => Promise<Buffer>;
