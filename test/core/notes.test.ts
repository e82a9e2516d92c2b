import { expect, test } from 'vitest';
import { collectNotes, noteText, refuseNotes } from '../../core/notes.js';

const NUMBERS = { kind: 'text-number', where: 'gt.json', message: 'Numbers are written as text, and read as numbers' };

test('notes of a kind are counted, with the first few places', () => {
  const notes = collectNotes();
  for (let i = 0; i < 5; i++) notes.add(NUMBERS, `annotations[${i}].bbox[0]`);
  notes.add({ ...NUMBERS, where: 'dt.json' });
  expect(notes.list().map(noteText)).toEqual([
    'gt.json: Numbers are written as text, and read as numbers (5: annotations[0].bbox[0], annotations[1].bbox[0], annotations[2].bbox[0], …)',
    'dt.json: Numbers are written as text, and read as numbers (1)',
  ]);
});

test('strictly, a note is an error that names them all', () => {
  const notes = collectNotes();
  expect(() => refuseNotes(notes.list())).not.toThrow();
  notes.add(NUMBERS, 'annotations[0].id');
  notes.add({ kind: 'orphan-annotation', where: 'gt.json', message: 'Annotations of unlisted pictures are left out' });
  expect(() => refuseNotes(notes.list())).toThrow(/Numbers are written as text.*\n.*unlisted pictures/s);
});
