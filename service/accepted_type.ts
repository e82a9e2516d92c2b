/** Which of the forms that an answer can have is wanted: the `Accept` header, as RFC 9110 (12.5.1) has it. */

interface Range {
  readonly type: string;
  readonly quality: number;
}

/**
 * @param accept the header; without one anything is accepted.
 * @param offered of several that are wanted equally, the first is taken.
 * @returns undefined where none is accepted.
 */
export function acceptedType<Type extends string>(
  accept: string | undefined,
  offered: readonly Type[],
): Type | undefined {
  const ranges = accept === undefined || accept.trim() === '' ? [{ type: '*/*', quality: 1 }] : rangesOf(accept);
  let best: { readonly type: Type; readonly quality: number } | undefined;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  return best?.type;
}

function rangesOf(accept: string): readonly Range[] {
  return accept.split(',').map((text) => {
    const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
  });
}

/** The most exact range decides. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  const [main = ''] = type.split('/');
  for (const wanted of [type, `${main}/*`, '*/*']) {
    const range = ranges.find((one) => one.type === wanted);
    if (range !== undefined) return Number.isFinite(range.quality) ? range.quality : 0;
  }
  return 0;
}
