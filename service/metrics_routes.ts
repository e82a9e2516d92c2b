import type { RouteContext } from './create_service.js';
import { EXPOSITION_TYPE, exposition } from './exposition.js';
import { refuseOtherMethods } from './methods.js';

/** `GET /metrics`: what was counted since the start. */
export function addMetricsRoutes({ app, readMetrics }: RouteContext): void {
  app.get('/metrics', async (_, reply) => {
    return reply.type(EXPOSITION_TYPE).send(exposition(await readMetrics()));
  });
  refuseOtherMethods(app, '/metrics', 'GET');
}
