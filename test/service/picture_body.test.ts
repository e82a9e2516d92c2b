import { describe, expect, test } from 'vitest';
import { checkEncoding, picturesOf } from '../../service/picture_body.js';
import { BOUNDARY, FORM_TYPE, form } from './pictures.js';

const files = async (body: Uint8Array, type: string, most = 4) =>
  (await picturesOf(body, type, most)).map(({ file, bytes }) => [file, Buffer.from(bytes).toString()]);

describe('the pictures of a body', () => {
  test('one, as it is', async () => {
    // A part of a larger buffer, as Node hands bodies over.
    const body = Buffer.from('xabcx').subarray(1, 4);
    expect(await files(body, 'image/png')).toEqual([['picture', 'abc']]);
  });

  test('the parts of a form: names are told, and mean nothing', async () => {
    const body = form([
      { filename: '../../etc/passwd', content: 'one' },
      { name: 'other', filename: 'https://example.com/a.png', content: 'two' },
      { filename: 'Bild ä.png', content: '--a-bound' },
      { filename: '', content: 'four' },
    ]);
    expect(await files(body, FORM_TYPE)).toEqual([
      ['../../etc/passwd', 'one'],
      ['https://example.com/a.png', 'two'],
      ['Bild ä.png', '--a-bound'],
      ['picture 3', 'four'],
    ]);
    expect(await files(form([{ filename: 'a', content: 'b' }]), `multipart/form-data; boundary="${BOUNDARY}"`)).toEqual(
      [['a', 'b']],
    );
  });
});

describe('a body that is refused', () => {
  const whole = form([{ filename: 'a.png', content: 'abc' }]);
  const many = form(Array.from({ length: 20_000 }, () => ({ filename: 'a', content: '' })));

  test.each<[string, Uint8Array, string, string, string]>([
    ['empty', Buffer.alloc(0), 'image/png', 'no-picture', 'The body is empty (0 bytes).'],
    ['a form that is cut off', whole.subarray(0, -8), FORM_TYPE, 'malformed-body', 'It is damaged or cut off.'],
    ['a form cut off in a header', whole.subarray(0, 40), FORM_TYPE, 'malformed-body', 'It is damaged or cut off.'],
    ['no form', Buffer.from('GIF89a'), FORM_TYPE, 'malformed-body', 'It is damaged or cut off.'],
    ['another boundary', whole, 'multipart/form-data; boundary=other', 'malformed-body', 'cut off'],
    ['no boundary', whole, 'multipart/form-data', 'malformed-body', 'names no boundary'],
    ['a form of nothing', form([]), FORM_TYPE, 'no-picture', 'The form has no part.'],
    ['a field', form([{ name: 'score-thr', content: '0.5' }]), FORM_TYPE, 'invalid-option', "a field 'score-thr'"],
    ['many parts', many, FORM_TYPE, 'too-many-pictures', 'expected at most 4 pictures'],
  ])('%s', async (_, body, type, code, message) => {
    const error = await picturesOf(body, type, 4).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ parts: { code }, message: expect.stringContaining(message) });
  });

  test('one that is compressed', () => {
    expect(() => checkEncoding('gzip')).toThrow("expected a body without an encoding but received 'gzip'");
    expect(() => checkEncoding(undefined)).not.toThrow();
  });
});
