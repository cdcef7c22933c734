/**
 * The page with what stands between `<!-- NAME -->` and `<!-- end of NAME -->` replaced. Throws Error where it has no such
 * section.
 *
 * @param {string} page
 * @param {string} name
 * @param {string} content
 */
export function replaceSection(page, name, content) {
  const pattern = new RegExp(`(<!-- ${name} -->\\n)[^]*(<!-- end of ${name} -->)`);
  if (!pattern.test(page)) throw new Error(`the page has no section ${name}`);
  return page.replace(pattern, (_, start, end) => `${start}${content}${end}`);
}
