// Tells a machine that cannot have the vendor's toolchain from a toolchain that is broken.

/** Of the command's errors: no Python 3.10, another system or processor, too little room on the disk. */
const OF_THE_MACHINE = ['python', 'platform', 'disk_space'];
/** Of pip's: the index cannot be reached, or does not have a package. */
const OF_THE_INDEX =
  /Could not find a version that satisfies|No matching distribution|HTTPSConnectionPool|Connection (?:refused|reset|aborted|broken)|Temporary failure in name resolution|timed out/;

/**
 * Why the toolchain cannot be had on this machine, by what `model toolchain install` wrote to stderr; null where
 * something else failed, which must be mended.
 *
 * @param {string} stderr
 * @returns {string | null}
 */
export function whyUnobtainable(stderr) {
  const [, code, message] = /^rdk-yolo-seg: (\w+): ([\s\S]*)/m.exec(stderr) ?? [];
  if (code === undefined || message === undefined) return null;
  const isOfIndex = code === 'install' && OF_THE_INDEX.test(message);
  return OF_THE_MACHINE.includes(code) || isOfIndex ? message.trim() : null;
}
