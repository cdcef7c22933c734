/** The part of a node that the addon needs: rclnodejs's native handle object. */
export interface NodeWithHandle {
  readonly handle: object;
}

interface ReleasableHandle {
  release?: () => void;
}

const hooksOf = new WeakMap<object, Set<() => void>>();

/** Hooks of every node; null until the first one needs the listener. */
let exitHooks: Set<() => void> | null = null;

/** process.exit() runs no cleanup of addons, but C++'s static destructors: under a running thread of ours. */
function atExit(hook: () => void): () => void {
  if (exitHooks === null) {
    const installed = new Set<() => void>();
    exitHooks = installed;
    process.once('exit', () => {
      for (const run of [...installed]) run();
    });
  }
  const present = exitHooks;
  present.add(hook);
  return () => present.delete(hook);
}

/**
 * Calls `hook` just before the node behind `handle` is destroyed, whoever destroys it, or before the process ends;
 * returns the way to cancel.
 *
 * rclnodejs ends a node by `handle.release()`, also when the context is shut down. A subscription of ours on that
 * node has to end first: its thread would read freed memory. The handle is shadowed rather than the node's
 * destroy(), because every way to destroy a node passes here.
 */
export function beforeNodeEnds(handle: object, hook: () => void): () => void {
  let hooks = hooksOf.get(handle);
  if (hooks === undefined) {
    const installed = new Set<() => void>();
    hooks = installed;
    hooksOf.set(handle, installed);
    const { release } = handle as ReleasableHandle;
    // Defined rather than assigned: the method of the prototype is read-only.
    Object.defineProperty(handle, 'release', {
      configurable: true,
      value: function releaseAfterHooks(this: object) {
        for (const run of [...installed]) run();
        release?.call(this);
      },
    });
  }
  const present = hooks;
  present.add(hook);
  const cancelExit = atExit(hook);
  return () => {
    present.delete(hook);
    cancelExit();
  };
}
