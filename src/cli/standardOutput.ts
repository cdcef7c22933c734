/**
 * Keeps a reader that went away, as `head` does, from ending the command: what is still to be written is dropped,
 * files and exit status stay what they are. Anything else that cannot be written, as on a full disk, ends with 1.
 */
export function guardStandardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout) console.error(`rdk-yolo-seg: cannot write the output: ${error.message}`);
      process.once('exit', () => {
        process.exitCode ||= 1;
      });
    });
  }
}
