/** What the server says of itself: to programs, and to a person with a browser. */
import type { RouteContext } from './create_service.js';
import { refuseOtherMethods } from './methods.js';
import { openapi } from './openapi.js';
import { PAGE_POLICY, pageFiles } from './page_files.js';

/** `GET /openapi.json`, and `/` with its program, style and icon. */
export function addPageRoutes({ app, models, limits, asksForKeys }: RouteContext): void {
  app.get('/openapi.json', async () => openapi([...models.keys()], limits, asksForKeys));
  refuseOtherMethods(app, '/openapi.json', 'GET');
  for (const { url, type, content } of pageFiles()) {
    app.get(url, async (_, reply) => reply.type(type).header('content-security-policy', PAGE_POLICY).send(content));
    refuseOtherMethods(app, url, 'GET');
  }
}
