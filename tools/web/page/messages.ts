import { LowformerError } from '../../../core/errors.js';
import { find } from './elements.js';

/** The page's lines for what it is doing and for what went wrong. */
export interface Messages {
  /** Read out by screen readers when they are free. */
  status(text: string): void;
  /** Read out at once, and stays until the next success or until it is closed. */
  error(error: unknown): void;
  clearError(): void;
}

/** What went wrong, in words for whoever reads them: those of a server. */
export class ToldError extends Error {
  override readonly name = 'ToldError';
}

export function pageMessages(): Messages {
  const status = find('#status', HTMLElement);
  const box = find('#error', HTMLElement);
  const text = find('#error-text', HTMLElement);
  const clearError = () => {
    box.hidden = true;
    text.textContent = '';
  };
  find('#error-close', HTMLButtonElement).addEventListener('click', clearError);
  return {
    status: (line) => {
      status.textContent = line;
    },
    error: (error) => {
      text.textContent = errorText(error);
      box.hidden = false;
    },
    clearError,
  };
}

/** A mistake in what was given speaks for itself; a fault of the page is called one. */
function errorText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof LowformerError || error instanceof ToldError ? message : `A fault of this page: ${message}`;
}
