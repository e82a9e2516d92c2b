import type { FastifyInstance } from 'fastify';
import { RequestError } from './request_error.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Other methods on a path that there is are told so: 405. `GET` brings `HEAD`. */
export function refuseOtherMethods(app: FastifyInstance, url: string, allowed: 'GET' | 'POST'): void {
  app.route({
    method: METHODS.filter((method) => method !== allowed),
    url,
    // Before a body is read.
    onRequest: async ({ method }) => {
      throw new RequestError({
        status: 405,
        code: 'wrong-method',
        where: 'method',
        expected: allowed,
        received: method,
        headers: { allow: allowed === 'GET' ? 'GET, HEAD' : allowed },
      });
    },
    handler: async () => undefined,
  });
}
