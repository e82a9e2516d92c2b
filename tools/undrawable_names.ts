/**
 * A function that tells once which class names are drawn as numbers, since no font has their letters. It loads the font
 * only where a name asks for it.
 */
export function undrawableTeller(say: (line: string) => void): (names: readonly string[]) => Promise<void> {
  let isTold = false;
  return async (names) => {
    const unusual = isTold ? [] : names.filter((name) => !/^[ -~]*$/.test(name));
    isTold = true;
    if (unusual.length === 0) return;
    const [{ loadCanvas }, { undrawable }] = await Promise.all([
      import('../drawing/font.js'),
      import('../drawing/letters.js'),
    ]);
    const missing = undrawable(await loadCanvas(), unusual);
    if (missing.length > 0) say(message(missing));
  };
}

function message(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `'${name}'`);
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `no font has the letters of ${shown.join(', ')}${more}: drawn as #0, #1… by the number of the class. Install a font that has them (Debian: fonts-noto-cjk for Chinese, Japanese, Korean; fonts-noto-core for other scripts), or name font files or folders in LOWFORMER_FONTS`;
}
