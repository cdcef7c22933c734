// The tables of topics in README.md and docs/design.md against what the node declares and opens.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { oneCamera } from '#dist/config/cameras.js';
import { ParameterStore } from '#dist/config/store.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { Diagnostics } from '#dist/ros2/diagnostics.js';
import { Outputs } from '#dist/ros2/outputs/outputs.js';
import type { RosNode } from '#dist/ros2/rcl/rosNode.js';
import { nodeTopics } from '../../support/nodeTopics.js';

/** Cells of the rows of the table that begins with these headings. */
function tableRows(path: string, headings: string): string[][] {
  const page = readFileSync(path, 'utf8');
  const begin = page.indexOf(headings);
  expect(begin, `a table ${headings} in ${path}`).toBeGreaterThan(0);
  const [table = ''] = page.slice(begin).split('\n\n');
  const rows = table.split('\n').slice(2);
  return rows.map((row) => row.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim()));
}

const inTicks = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

/** Types as documents write them, `package/Type`, by the topic that the node opens. */
const typeOf = new Map<string, string>();
const documented = (typeName: string) => typeName.replace('/msg/', '/');

beforeAll(() => {
  // Without message packages each output names its topic and its type, and opens nothing.
  vi.stubEnv('AMENT_PREFIX_PATH', '');
  const node = {
    fullName: '/yolo_seg',
    resolveTopic: (topic: string) => topic,
    log: (_: string, text: string) => {
      const [, topic, typeName] = /^(\S+) is off: this ROS environment does not have (\S+)$/.exec(text) ?? [];
      if (topic !== undefined && typeName !== undefined) typeOf.set(topic, documented(typeName));
    },
    createPublisher: (typeName: string, topic: string) => {
      typeOf.set(topic, documented(typeName));
      return { publish: () => {} };
    },
  } as unknown as RosNode;
  const { values } = new ParameterStore();
  const means = { values: () => values, writer: new CdrWriter() };
  new Outputs(node, oneCamera, means, () => {}).close();
  const report = () => {
    throw new Error('nothing to report');
  };
  new Diagnostics(node, report).stop();
});

afterAll(() => {
  vi.unstubAllEnvs();
});

const published = nodeTopics.flatMap(({ name, kind }) => (kind === 'publisher' ? [name] : []));

it('the node opens the topics that it declares', () => {
  expect([...typeOf.keys()].toSorted()).toEqual(published.toSorted());
});

it('README.md has a row for every topic, with its type', () => {
  const rows = tableRows('README.md', '| topic | type |');
  const [inputs, outputs] = [true, false].map((isInput) =>
    rows.filter(([names = '']) => names.endsWith('(in)') === isInput),
  ) as [string[][], string[][]];
  const subscribed = nodeTopics.filter(({ kind }) => kind === 'subscription').map(({ name }) => name);
  expect(inputs.flatMap(([names]) => inTicks(names))).toEqual(subscribed);
  const pairs = outputs.flatMap(([names, types]) => inTicks(names).map((name) => [name, inTicks(types)]));
  const expected = [...typeOf].map(([name, type]) => [name, [type]]);
  expect(pairs.toSorted()).toEqual(expected.toSorted());
});

it('docs/design.md has a row for every output, with its type, and plans none that is there', () => {
  const rows = tableRows('docs/design.md', '| output | type |');
  const isPlanned = ([names = '']: readonly string[]) => names.includes('*(planned)*');
  const made = rows.filter((row) => !isPlanned(row));
  expect(made.flatMap(([names]) => inTicks(names)).toSorted()).toEqual(published.toSorted());
  for (const [names, types = ''] of made) {
    // Of a package that is named already the type alone may stand.
    const words = types.split(/[^\w/]+/).map((word) => word.replace(/^.*\//, ''));
    for (const name of inTicks(names)) expect(words).toContain(typeOf.get(name)?.replace(/^.*\//, ''));
  }
  const planned = rows.filter(isPlanned).flatMap(([names]) => inTicks(names));
  expect(planned.filter((name) => published.includes(name))).toEqual([]);
});
