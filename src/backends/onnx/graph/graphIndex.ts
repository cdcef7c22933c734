import type { GraphProto, NodeProto } from 'onnx-buf';
import { readsOf } from './walk.js';

/** Who makes and who reads each tensor of a graph. */
export class GraphIndex {
  readonly graph: GraphProto;
  readonly #producers = new Map<string, NodeProto>();
  readonly #readers = new Map<string, NodeProto[]>();
  readonly #stored: ReadonlySet<string>;
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: GraphProto) {
    this.graph = graph;
    for (const node of graph.node) {
      for (const name of node.output) if (name !== '') this.#producers.set(name, node);
      for (const name of readsOf(node)) this.#readers.set(name, [...(this.#readers.get(name) ?? []), node]);
    }
    this.#stored = new Set([
      ...graph.initializer.map((tensor) => tensor.name),
      ...graph.sparseInitializer.flatMap(({ values }) => (values === undefined ? [] : [values.name])),
    ]);
    this.#outputs = new Set(graph.output.map((value) => value.name));
  }

  producerOf(tensor: string): NodeProto | undefined {
    return this.#producers.get(tensor);
  }

  readersOf(tensor: string): readonly NodeProto[] {
    return this.#readers.get(tensor) ?? [];
  }

  /** The one node that reads a tensor; undefined if there are several, or it is an output of the graph. */
  onlyReaderOf(tensor: string): NodeProto | undefined {
    const readers = this.readersOf(tensor);
    return readers.length === 1 && !this.#outputs.has(tensor) ? readers[0] : undefined;
  }

  /** Whether a tensor's value is in the file: an initialiser, or computed from such alone. */
  isConstant(tensor: string): boolean {
    if (this.#stored.has(tensor)) return true;
    const producer = this.#producers.get(tensor);
    return producer !== undefined && readsOf(producer).every((name) => this.isConstant(name));
  }

  /** Every name in use. */
  names(): Set<string> {
    return new Set([
      ...this.#stored,
      ...this.graph.input.map((value) => value.name),
      ...this.#producers.keys(),
      ...this.graph.node.map((node) => node.name),
    ]);
  }

  /**
   * The nodes that some tensors are computed by, in the graph's own order; the search ends at tensors that are `given`.
   */
  nodesBehind(tensors: readonly string[], given: ReadonlySet<string> = new Set()): NodeProto[] {
    const wanted = new Set<NodeProto>();
    const open = tensors.filter((name) => !given.has(name));
    while (open.length > 0) {
      const node = this.#producers.get(open.pop()!);
      if (node === undefined || wanted.has(node)) continue;
      wanted.add(node);
      open.push(...readsOf(node).filter((name) => !given.has(name)));
    }
    return this.graph.node.filter((node) => wanted.has(node));
  }
}

/** A name that is not in use yet, and is from now on. */
export function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name = `${name}_`;
  taken.add(name);
  return name;
}
