import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodeTopics } from '../support/nodeTopics.js';
import { Peer } from './support/peer.js';
import { type SetResult, YoloSeg } from './support/yoloSeg.js';
import { useNodes, useRobot } from './support/graph.js';

const robot = useRobot();
const yoloSeg = new YoloSeg(robot);
const startNode = useNodes();

beforeAll(async () => {
  await robot.startCamera();
  await yoloSeg.listenToDetections();
  // Whoever wants places has depth pictures read.
  await robot.listen('/yolo_seg/detections3d', 'vision_msgs/msg/Detection3DArray');
});

afterEach(() => robot.do('end_nodes'));

/** rcl_interfaces/ParameterType by number. */
const typeNames = [
  'not set',
  'bool',
  'integer',
  'double',
  'string',
  'byte_array',
  'bool_array',
  'integer_array',
  'double_array',
  'string_array',
];

interface Tried {
  readonly event: string;
  readonly name: string;
  readonly type: number;
  readonly successful: boolean;
  readonly reason: string;
}

/** What peers/hostile.py heard, after it has asked everything. */
async function ask(...args: string[]) {
  const peer = new Peer('python3', ['test/ros2/peers/hostile.py', '/yolo_seg', ...args]);
  const { names } = (await peer.event('done', 200_000)) as unknown as { names: string[] };
  await peer.end();
  const heard = <Kind>(event: string) =>
    peer.events.filter((one) => one.event === event) as unknown as Kind[];
  return { names, heard };
}

describe('a node asked everything that its services do not expect', () => {
  it.each([
    ['unconfigured', { autostart: false }, []],
    ['active', { 'input.depth': '/hostile/depth' }, ['garbage']],
  ] as const)(
    'stays %s, answers every request, and refuses with a reason',
    async (state, parameters, more) => {
      const asked = startNode({ parameters });
      if (state === 'active') await asked.logged('active: ');
      const described = await yoloSeg.describeParameters(['score_threshold']);
      expect(described[0]).toMatchObject({ type: 3 });

      const { names, heard } = await ask(...more);
      expect(heard('silent')).toEqual([]);
      for (const { asked: count, counts, agree } of heard<{
        asked: number;
        counts: number[];
        agree: boolean;
      }>('read')) {
        expect(counts).toEqual([count, count, count]);
        expect(agree).toBe(true);
      }
      for (const { name, count, answered } of heard<{ name: string; count: number; answered: number }>(
        'sent',
      )) {
        expect([name, answered]).toEqual([name, count]);
      }
      const [set, atomic] = [heard<Tried>('set'), heard<Tried>('atomic')];
      expect(set.length).toBeGreaterThan(30 * names.length);
      expect(atomic.length).toBeGreaterThan((30 * names.length) / 4);
      const tried = [...set, ...atomic];
      const declared = new Map(
        (await yoloSeg.describeParameters(names)).map(({ name, type }) => [name as string, type as number]),
      );
      for (const { name, type, successful, reason } of tried) {
        if (!successful) {
          expect(reason, `${name} of type ${type}`).not.toBe('');
          // A value of the wrong type is refused with its type's name.
          if (type > 0 && type < 10 && reason.includes('; expected ')) expect(reason).not.toContain('null');
          continue;
        }
        const type3 = declared.get(name) === 3 ? [2] : [];
        const accepted = name === 'classes' ? [7, 9] : [declared.get(name), ...type3];
        expect(accepted, `${name} took a ${typeNames[type] ?? type}`).toContain(type);
      }
      expect(heard<{ success: boolean }>('change').filter(({ success }) => success)).toEqual([]);
      expect(heard('change').length).toBeGreaterThan(250);

      expect(heard<{ service: string; answered: boolean }>('plain').length).toBe(101);
      for (const { service, answered } of heard<{ service: string; answered: boolean }>('plain'))
        expect([service, answered]).toEqual([service, true]);
      // None of its services is left out.
      const [services] = heard<{ names: string[]; asked: string[] }>('services');
      expect(services!.names.sort()).toEqual(services!.asked.map((name) => `/yolo_seg/${name}`).sort());

      expect(await yoloSeg.state()).toBe(state);
      expect(await asked.ended(1)).toBe('running');
      if (state === 'unconfigured') return;
      const refusals = heard<{ name: string; successful: boolean; reason: string }>('back').filter(
        ({ successful }) => !successful,
      );
      for (const { name, reason } of refusals)
        expect(reason, name).toMatch(/takes effect at|read-only|cannot be set|at start/);
      expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
    },
    240_000,
  );
});

describe('a request of a size that nobody needs', () => {
  it('is refused with its size by every service, unread, and the node goes on', async () => {
    const asked = startNode();
    await asked.logged('active: ');
    const { heard } = await ask('huge');
    expect(heard('silent')).toEqual([]);
    const answers = heard<{ service: string; answered: number; reason: string }>('huge');
    expect(answers).toHaveLength(24);
    const refusal =
      /^request: the request has \d{5,8} bytes(?: and more than 10000 values)?; this node reads at most 1048576 bytes and 10000 values: /;
    const setters = answers.filter(({ service }) => service.startsWith('set_'));
    for (const { service, reason } of setters) expect(reason, service).toMatch(refusal);
    expect(setters.map(({ answered }) => answered)).toEqual([
      ...[1, 1, 1, 1, 1, 1, 1, 1000, 1000],
      ...[1, 1, 1, 1, 1, 1, 1, 1, 1],
    ]);
    expect(answers.find(({ service }) => service === 'get_type_description')!.reason).toMatch(refusal);
    const refused = new Set(asked.log.match(/(?<=\[ERROR\].*)\S+(?=: request: the request has )/g));
    const services = [...new Set(answers.map(({ service }) => service))];
    expect([...refused].map((name) => name.split('/').at(-1)).sort()).toEqual(services.sort());
    // Small, but its answer would not be. Complaints of one service are written at most every two seconds: it is asked
    // again until this one has been.
    do {
      const { values } = await robot.call<{ values: unknown[] }>(
        '/yolo_seg/get_parameters',
        'rcl_interfaces/srv/GetParameters',
        { names: new Array(1001).fill('a') },
      );
      expect(values).toEqual([]);
    } while (
      !asked.log.includes('get_parameters: request: the request has 1001 names; expected at most 1000')
    );
    expect(await yoloSeg.state()).toBe('active');
  }, 240_000);
});

describe('parameters set together', () => {
  const setAtomically = async (parameters: readonly object[]): Promise<SetResult> => {
    const { result } = await robot.call<{ result: SetResult }>(
      '/yolo_seg/set_parameters_atomically',
      'rcl_interfaces/srv/SetParametersAtomically',
      { parameters },
    );
    return result;
  };
  const integer = (name: string, value: number) => ({ name, value: { type: 2, integer_value: value } });
  const double = (name: string, value: number) => ({ name, value: { type: 3, double_value: value } });

  it('change nothing where one of them is refused', async () => {
    startNode({ parameters: { autostart: false } });
    const result = await setAtomically([double('score_threshold', 0.5), integer('max_detections', 0)]);
    expect(result).toMatchObject({ successful: false });
    expect(result.reason).toContain('max_detections is 0; expected an integer from 1 to 300');
    expect(await yoloSeg.parameter('score_threshold')).toMatchObject({ double_value: 0.25 });
    expect(await setAtomically([double('score_threshold', 0.5), integer('max_detections', 7)])).toEqual({
      successful: true,
      reason: '',
    });
    expect(await yoloSeg.parameter('score_threshold')).toMatchObject({ double_value: 0.5 });
    expect(await yoloSeg.parameter('max_detections')).toMatchObject({ integer_value: 7 });
  });

  it('are refused where one is given twice, with both values', async () => {
    startNode({ parameters: { autostart: false } });
    const result = await setAtomically([integer('max_detections', 5), integer('max_detections', 7)]);
    expect(result).toEqual({ successful: false, reason: 'max_detections is given twice, as 5 and 7' });
    expect(await yoloSeg.parameter('max_detections')).toMatchObject({ integer_value: 100 });
  });

  it('are told on /parameter_events', async () => {
    startNode({ parameters: { autostart: false }, rosArguments: ['-r', '__ns:=/robot'] });
    const namespaced = new YoloSeg(robot, '/robot/yolo_seg');
    await namespaced.state();
    await robot.listen('/parameter_events', 'rcl_interfaces/msg/ParameterEvent');
    interface Event {
      readonly node: string;
      readonly changed_parameters: readonly { name: string; value: { integer_array_value: number[] } }[];
    }
    const changed = robot.next<Event>(
      '/parameter_events',
      ({ changed_parameters }) => changed_parameters.length > 0,
    );
    // Sent until the listener has been found.
    let event: Event | null = null;
    void changed.then((found) => {
      event = found;
    });
    while (event === null) await namespaced.setParameters({ classes: [0, 2] });
    expect(await changed).toMatchObject({
      node: '/robot/yolo_seg',
      changed_parameters: [{ name: 'classes', value: { type: 7, integer_array_value: [0, 2] } }],
    });
  });
});

describe('beside a lifecycle node of rclpy the node', () => {
  const lists = ['get_available_states', 'get_available_transitions', 'get_transition_graph', 'get_state'];
  const typeOf: Readonly<Record<string, string>> = {
    get_state: 'GetState',
    get_available_states: 'GetAvailableStates',
    get_available_transitions: 'GetAvailableTransitions',
    get_transition_graph: 'GetAvailableTransitions',
  };
  const oracle = () => new YoloSeg(robot, '/oracle');

  it('answers the same questions about states and transitions alike, in every state', async () => {
    startNode({ parameters: { autostart: false } });
    await robot.do('lifecycle_node', { name: 'oracle', parameters: {} });
    for (const next of ['configure', 'activate', 'deactivate', 'cleanup', 'shutdown', null] as const) {
      for (const service of lists) {
        const type = `lifecycle_msgs/srv/${typeOf[service]}`;
        const [ours, theirs] = await Promise.all(
          ['/yolo_seg', '/oracle'].map((name) => robot.call(`${name}/${service}`, type, {})),
        );
        expect(ours, `${service} before ${next}`).toEqual(theirs);
      }
      if (next !== null) {
        expect(await yoloSeg.change(next)).toBe(true);
        expect(await oracle().change(next)).toBe(true);
      }
    }
    expect(await yoloSeg.state()).toBe('finalized');
  });

  it('publishes the same transition events', async () => {
    startNode({ parameters: { autostart: false } });
    await robot.do('lifecycle_node', { name: 'oracle', parameters: {} });
    interface Event {
      readonly timestamp: unknown;
      readonly goal_state: { readonly label: string };
    }
    const seen = async (peer: YoloSeg) => {
      const topic = `${peer.name}/transition_event`;
      await robot.listen(topic, 'lifecycle_msgs/msg/TransitionEvent');
      const events: Event[] = [];
      const goals = () => events.map(({ goal_state }) => goal_state.label);
      // Events get lost until the listener has been found.
      while (events.length === 0) {
        for (const transition of ['configure', 'cleanup'] as const) await peer.change(transition);
        events.push(...robot.drain<Event>(topic));
      }
      for (const transition of ['configure', 'activate', 'deactivate', 'cleanup'] as const) {
        expect(await peer.change(transition)).toBe(true);
      }
      const isOver = () => goals().includes('activating') && goals().at(-1) === 'unconfigured';
      while (!isOver()) {
        events.push(await robot.next<Event>(topic));
      }
      const fromConfiguring = goals().indexOf('activating') - 2;
      return events.slice(fromConfiguring).map(({ timestamp: _, ...event }) => event);
    };
    const ours = await seen(yoloSeg);
    expect(ours).toHaveLength(8);
    expect(ours).toEqual(await seen(oracle()));
  });

  it('lists its parameters as rclpy does, by prefix and depth', async () => {
    startNode({ parameters: { autostart: false } });
    const list = (name: string, request: object) =>
      robot.call<{ result: { names: string[]; prefixes: string[] } }>(
        `${name}/list_parameters`,
        'rcl_interfaces/srv/ListParameters',
        request,
      );
    const { result } = await list('/yolo_seg', {});
    const parameters = Object.fromEntries(result.names.map((name) => [name, 1]));
    delete parameters.use_sim_time;
    delete parameters.start_type_description_service;
    await robot.do('lifecycle_node', { name: 'oracle', parameters });
    for (const depth of [0, 1, 2]) {
      for (const prefixes of [[], ['output'], ['out'], ['class'], ['classes', 'overlay'], ['model.path']]) {
        const [ours, theirs] = await Promise.all(
          ['/yolo_seg', '/oracle'].map(async (name) => {
            const answer = (await list(name, { prefixes, depth })).result;
            return { names: [...answer.names].sort(), prefixes: [...answer.prefixes].sort() };
          }),
        );
        expect(ours, `${prefixes} to depth ${depth}`).toEqual(theirs);
      }
    }
  });
});

describe('another node of the same name', () => {
  it('is warned about once each time it comes, with the remedy, and its end is told', async () => {
    const warned = startNode({ parameters: { autostart: false } });
    expect(await yoloSeg.state()).toBe('unconfigured');
    expect(warned.log).not.toContain('are named');
    for (let times = 1; times <= 2; times++) {
      const since = warned.log.length;
      await robot.do('plain_node', { name: 'yolo_seg' });
      await warned.logged(/\[WARN\].*2 nodes are named \/yolo_seg: .*-r __node:=NAME/, { since });
      await robot.do('end_nodes');
      await warned.logged('no other node is named /yolo_seg any more', { since });
      expect(warned.log.match(/are named/g)).toHaveLength(times);
    }
  });
});

describe('the list of topics in the code', () => {
  it('holds every topic that the graph shows of the node, and no other', async () => {
    const listed = startNode({
      rosArguments: ['-r', '__ns:=/robot'],
      parameters: { 'input.hbmem_type': 'HbmMsg480P' },
    });
    await listed.logged('active: ');
    const expand = (name: string) =>
      name.startsWith('/') ? name : `/robot/${name.replace('~', 'yolo_seg')}`;
    // What the libraries add to every node.
    const ofEveryNode = ['/rosout', '/parameter_events', '/robot/yolo_seg/transition_event'];
    const own = nodeTopics.map(({ name, kind }) => ({ name: expand(name), kind }));
    const expected = {
      publisher: [...own.filter(({ kind }) => kind === 'publisher').map(({ name }) => name), ...ofEveryNode],
      subscription: own.filter(({ kind }) => kind === 'subscription').map(({ name }) => name),
    };
    type Topics = typeof expected;
    let found: Topics;
    do {
      found = (await robot.do('topics_of', { name: 'yolo_seg', namespace: '/robot' })) as Topics;
    } while (found.publisher.length < expected.publisher.length || found.subscription.length === 0);
    expect(found.publisher.sort()).toEqual(expected.publisher.sort());
    expect(found.subscription).toEqual(expected.subscription);
  });
});
