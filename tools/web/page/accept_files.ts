import { find } from './elements.js';

/**
 * Files by every way there is: dropped anywhere on the page, chosen with a button, pasted.
 * @param fields selectors of the buttons' file fields.
 */
export function acceptFiles(fields: readonly string[], onFiles: (files: readonly File[]) => void): void {
  for (const field of fields) {
    const input = find(field, HTMLInputElement);
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      // The same file may be chosen again.
      input.value = '';
      if (files.length > 0) onFiles(files);
    });
  }
  const shade = find('#drop-shade', HTMLElement);
  // Entering a child leaves its parent: the two are counted against each other.
  let depth = 0;
  const count = (change: number) => {
    depth = Math.max(0, depth + change);
    shade.hidden = depth === 0;
  };
  document.addEventListener('dragenter', () => count(1));
  document.addEventListener('dragleave', () => count(-1));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    count(-depth);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) onFiles(files);
  });
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) onFiles(files);
  });
}
