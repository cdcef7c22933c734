export function compileBaseline(folder: string, flags: readonly string[]): string;
export function openThreadClock(folder: string): () => number;
