/** Several pictures that were given together, one shown at a time. */
import { find } from '../page/elements.js';

export interface PictureTurn {
  /** Undefined before one was given. */
  readonly file: File | undefined;
  /** Takes the place of those before; the first is shown. */
  give(files: readonly File[]): void;
}

/** @param onFile told when another is to be shown. */
export function pictureTurn(onFile: () => void): PictureTurn {
  const [previous, next] = [find('#previous', HTMLButtonElement), find('#next', HTMLButtonElement)];
  let files: readonly File[] = [];
  let at = 0;
  const go = (to: number) => {
    at = to;
    find('#turn', HTMLElement).hidden = files.length < 2;
    find('#place', HTMLElement).textContent = `${at + 1} of ${files.length}`;
    previous.disabled = at === 0;
    next.disabled = at === files.length - 1;
    onFile();
  };
  previous.addEventListener('click', () => go(at - 1));
  next.addEventListener('click', () => go(at + 1));
  return {
    get file() {
      return files[at];
    },
    give(given) {
      files = given;
      go(0);
    },
  };
}
