/**
 * The flags of a script; ends it with exit code 2 and its usage for those it cannot use, with 0 after the help.
 *
 * @template Options
 * @param {string} script Its name, before what is wrong.
 * @param {string} usage
 * @param {(args: string[]) => Options | null} read Null where help is asked for; throws for what cannot be used.
 * @returns {Options}
 */
export function optionsOrExit(script, usage, read) {
  try {
    const options = read(process.argv.slice(2));
    if (options !== null) return options;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${script}: ${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}
