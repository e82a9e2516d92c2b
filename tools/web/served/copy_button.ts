import { find } from '../page/elements.js';

/** A button that copies what stands in an element. */
export function copyButton(button: string, source: string): void {
  const copy = find(button, HTMLButtonElement);
  const text = find(source, HTMLElement);
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text.textContent ?? '');
      copy.textContent = 'Copied';
    } catch {
      // Without TLS a browser keeps pages from the clipboard: then it is marked.
      getSelection()?.selectAllChildren(text);
      copy.textContent = 'Marked';
    }
    setTimeout(() => {
      copy.textContent = 'Copy';
    }, 2000);
  });
}
