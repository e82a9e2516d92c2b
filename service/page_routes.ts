/** What the server says of itself: to programs, and to a person with a browser. */
import type { RouteContext } from './create_service.js';
import { refuseOtherMethods } from './methods.js';
import { openapi } from './openapi.js';
import { PAGE, PAGE_POLICY, PAGE_SCRIPT, PAGE_STYLE } from './page.js';

/** `GET /openapi.json`, and `/` with its program and style. */
export function addPageRoutes({ app, models, limits, asksForKeys }: RouteContext): void {
  app.get('/openapi.json', async () => openapi([...models.keys()], limits, asksForKeys));
  const files = [
    ['/', 'text/html; charset=utf-8', PAGE],
    ['/page.js', 'text/javascript; charset=utf-8', PAGE_SCRIPT],
    ['/page.css', 'text/css; charset=utf-8', PAGE_STYLE],
  ] as const;
  for (const [url, type, content] of files) {
    app.get(url, async (_, reply) => reply.type(type).header('content-security-policy', PAGE_POLICY).send(content));
  }
  for (const path of ['/openapi.json', ...files.map(([url]) => url)]) refuseOtherMethods(app, path, 'GET');
}
