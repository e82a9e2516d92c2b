/**
 * Tells which class names will be drawn as numbers, since no font has their letters. A font is loaded only where a name
 * asks for it.
 * @throws {LowformerError} as `loadCanvas`.
 */
export async function tellUndrawable(names: readonly string[], say: (line: string) => void): Promise<void> {
  const unusual = names.filter((name) => !/^[ -~]*$/.test(name));
  if (unusual.length === 0) return;
  const [{ loadCanvas }, { undrawable }] = await Promise.all([
    import('../drawing/font.js'),
    import('../drawing/letters.js'),
  ]);
  const missing = undrawable(await loadCanvas(), unusual);
  if (missing.length > 0) say(message(missing));
}

function message(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `'${name}'`);
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `no font has the letters of ${shown.join(', ')}${more}: drawn as #0, #1… by the number of the class. Install a font that has them (Debian: fonts-noto-cjk for Chinese, Japanese, Korean; fonts-noto-core for other scripts), or name font files or folders in LOWFORMER_FONTS`;
}
