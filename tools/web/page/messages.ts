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
  return error instanceof LowformerError ? message : `A fault of this page: ${message}`;
}
