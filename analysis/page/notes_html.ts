import type { Notes } from '../../core/notes.js';
import { noteText } from '../../core/notes.js';
import { escapeHtml } from './html.js';

/** What was taken although it is not quite as its format says; nothing where nothing was. */
export function notesHtml(notes: Notes): string {
  const list = notes.list();
  if (list.length === 0) return '';
  const lines = list.map((note) => `<li>${escapeHtml(noteText(note))}</li>`);
  return `<p>Noted while reading:</p>\n<ul>${lines.join('')}</ul>`;
}
