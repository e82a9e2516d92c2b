/**
 * A server that finds objects in the picture it is sent (npm install fastify):
 *
 *   npx jiti examples/server.ts
 *   curl --data-binary @cells.jpg --header 'content-type: image/jpeg' http://127.0.0.1:3000/detect
 *
 * The network runs in a thread of its own, so that the server answers meanwhile. What waits is bounded: of more than sixteen
 * pictures at once, some are told to come again. Whoever hangs up is not worked for.
 */
import Fastify from 'fastify';
import { type ErrorCode, LowformerError, loadDetector } from 'lowformer';

const model = await loadDetector('blood-cells', { maxWaitingCalls: 16 });
const server = Fastify({ bodyLimit: 20 * 2 ** 20 });
server.addContentTypeParser(/^image\//, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

server.post<{ Body: Buffer }>('/detect', async (request, reply) => {
  const gone = new AbortController();
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(30_000)]);
  return model.predict(request.body, { signal });
});

const STATUS: ReadonlyMap<ErrorCode, number> = new Map<ErrorCode, number>([
  ['unreadable-image', 422],
  ['invalid-argument', 400],
  ['too-many-calls', 503],
]);

/** What is wrong with a picture is its sender's to know; anything else is not. */
server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
  if (!(error instanceof LowformerError)) return reply.status(error.statusCode ?? 500).send({ error: error.message });
  const code = STATUS.get(error.code) ?? 500;
  return reply.status(code).send({ error: code === 500 ? 'it cannot be done' : error.message, code: error.code });
});

server.addHook('onClose', () => model[Symbol.asyncDispose]());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close());
console.log(await server.listen({ port: Number(process.env.PORT ?? 3000) }));
