/** What stands in the page of a server, `assets/page/page.html`. */

/** @throws {RangeError} where the page has no such element. */
export function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new RangeError(`the page has no ${kind.name} called ${id}`);
}

export const menu = element('model', HTMLSelectElement);
export const keyField = element('key', HTMLInputElement);
export const keyLabel = element('key-field', HTMLLabelElement);
export const threshold = element('threshold', HTMLInputElement);
export const picture = element('picture', HTMLCanvasElement);
