/** What is used of WebAssembly, whose types come with those of browsers only. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
  readonly CompileError: new () => Error;
}

/** The memory that a kernel exports; it sees nothing else. */
export interface KernelMemory {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/**
 * Compiles a module without imports, of these bytes in base64, and gives what it exports. Null on a CPU without the instructions
 * (x86-64 before SSE4.1), without address space for its memory, and in a Node run with --jitless.
 */
export function loadKernel<Exports extends KernelMemory>(bytes: string): Exports | null {
  const api = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (api === undefined) return null;
  try {
    return new api.Instance(new api.Module(Buffer.from(bytes, 'base64'))).exports as Exports;
  } catch (error) {
    if (error instanceof api.CompileError || error instanceof RangeError) return null;
    throw error;
  }
}
