import { afterAll, afterEach, beforeAll } from 'vitest';
import { NodeProcess, type NodeStart } from './nodeProcess.js';
import { Robot } from './robot.js';
import { YoloSeg } from './yoloSeg.js';

/** A robot for all tests of a file. */
export function useRobot(): Robot {
  const robot = new Robot();
  beforeAll(() => robot.start());
  afterAll(() => robot.end());
  return robot;
}

/**
 * Starts nodes for single tests; they are stopped after the test. What is to happen before that goes into an
 * `afterEach` behind this call.
 */
export function useNodes(): (start?: NodeStart) => NodeProcess {
  const nodes: NodeProcess[] = [];
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
  });
  return (start = {}) => {
    const node = new NodeProcess(start);
    nodes.push(node);
    return node;
  };
}

/** One node for all tests of a file, with a robot that has a camera and hears its detections. */
export class Graph {
  readonly robot = new Robot();
  readonly yoloSeg = new YoloSeg(this.robot);
  #node: NodeProcess | null = null;

  get node(): NodeProcess {
    return this.#node!;
  }

  async start(start: NodeStart): Promise<void> {
    this.#node = new NodeProcess(start);
    await this.robot.start();
    await this.robot.startCamera();
    await this.yoloSeg.listenToDetections();
  }

  async end(): Promise<void> {
    await this.#node?.stop();
    await this.robot.end();
  }
}

export function useGraph(start: NodeStart = {}): Graph {
  const graph = new Graph();
  beforeAll(() => graph.start(start));
  afterAll(() => graph.end());
  return graph;
}
