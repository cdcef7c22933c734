/** Every way of writing `tokens` with `*` for some of them, those with more stars first. */
function withStars(tokens: readonly string[]): string[] {
  const variants: { readonly text: string; readonly stars: number }[] = [];
  for (let mask = 0; mask < 1 << tokens.length; mask++) {
    const written = tokens.map((token, i) => ((mask >> i) & 1 ? '*' : token));
    variants.push({ text: written.join('/'), stars: written.filter((token) => token === '*').length });
  }
  return variants.sort((a, b) => b.stars - a.stars).map(({ text }) => text);
}

/**
 * The node keys of a parameter file that mean a node, the general ones first, so that later ones win.
 *
 * `*` stands for one part of the name and `**` for any number, as rcl takes them.
 *
 * @param fullName `/namespace/name`
 */
export function parameterKeys(fullName: string): string[] {
  const tokens = fullName.split('/').filter((token) => token !== '');
  const keys = ['/**'];
  for (let kept = 1; kept <= tokens.length; kept++) {
    for (const suffix of withStars(tokens.slice(-kept))) keys.push(`/**/${suffix}`);
  }
  for (const whole of withStars(tokens)) {
    if (whole !== tokens.join('/')) keys.push(`/${whole}`);
  }
  return [...keys, tokens.at(-1)!, fullName];
}
