/** Elements of a page, found and made with their types. */

import type { OptionGroup } from './option_group.js';

/** @throws {TypeError} where the page has no such element: the HTML and the program are out of step. */
export function find<E extends Element>(selector: string, type: new () => E, root: ParentNode = document): E {
  const found = root.querySelector(selector);
  if (found instanceof type) return found;
  throw new TypeError(`the page has no ${type.name} ${selector}`);
}

/** An element with text, attributes and children; `class` is an attribute like others. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A select's options, some under headings. */
export function fillSelect(select: HTMLSelectElement, groups: readonly OptionGroup[]): void {
  select.replaceChildren(
    ...groups.flatMap(({ label, options }) => {
      const made = options.map(({ value, text }) => new Option(text, value));
      return label === undefined ? made : [make('optgroup', { label }, ...made)];
    }),
  );
}
