import type { RouteContext } from './create_service.js';
import { EXPOSITION_TYPE, exposition } from './exposition.js';
import { refuseOtherMethods } from './methods.js';

/** `GET /metrics`: what was counted since the start. */
export function addMetricsRoutes({ app, models, budget, metrics }: RouteContext): void {
  app.get('/metrics', async (_, reply) => {
    const families = metrics.families({ models: models.values(), heldBytes: budget.held });
    return reply.type(EXPOSITION_TYPE).send(exposition(families));
  });
  refuseOtherMethods(app, '/metrics', 'GET');
}
