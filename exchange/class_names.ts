import { LowformerError } from '../core/errors.js';
import { CONTROL } from './control_characters.js';
import type { ExchangeFormat } from './define.js';

/**
 * That a format can write the names of all classes, before the first picture is run.
 * @throws {LowformerError} `invalid-argument`, naming format and class.
 */
export function checkClassNames({ title, names }: ExchangeFormat, classes: readonly string[]): void {
  classes.forEach((name, index) => {
    const wrong = (reason: string, hint = RENAME) => {
      const where = `class ${index}`;
      const expected = `the name of a class that ${title} can hold: ${reason},`;
      return new LowformerError({ code: 'invalid-argument', where, expected, received: name, hint });
    };
    if (name.trim() === '') throw wrong('not empty');
    if (names.distinct && classes.indexOf(name) < index) {
      throw wrong(`each name once (class ${classes.indexOf(name)} has it too)`);
    }
    if (names.trimmed && (name !== name.trim() || /[\n\r]/.test(name))) {
      throw wrong('one line, with nothing around it');
    }
    if (names.xml && CONTROL.test(name)) throw wrong('without control characters');
    if (names.forbidden?.pattern.test(name) === true) throw wrong(names.forbidden.words);
  });
}

const RENAME = 'Rename it (--cfg-options metainfo.classes=[…] in a model), or choose another format, such as coco.';
