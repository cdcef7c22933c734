import type { ParameterSpec } from './parameterSpec.js';
import { depthParameterSpecs } from './schema/depth.js';
import { inputParameterSpecs } from './schema/input.js';
import { modelParameterSpecs } from './schema/model.js';
import { nodeParameterSpecs } from './schema/node.js';
import { outputParameterSpecs } from './schema/output.js';
import { selectionParameterSpecs } from './schema/selection.js';
import { trackingParameterSpecs } from './schema/tracking.js';

/** Every parameter of the node. An rcl YAML file cannot hold an empty list: `['all']` and `['auto']` stand in. */
export const parameterSpecs = [
  ...modelParameterSpecs,
  ...selectionParameterSpecs,
  ...trackingParameterSpecs,
  ...inputParameterSpecs,
  ...depthParameterSpecs,
  ...outputParameterSpecs,
  ...nodeParameterSpecs,
] as const satisfies readonly ParameterSpec[];

/** The same, as docs/parameters.md tells them: what belongs together under one heading. */
export const parameterGroups: readonly {
  readonly title: string;
  readonly specs: readonly ParameterSpec[];
}[] = [
  { title: 'Model and backend', specs: modelParameterSpecs },
  { title: 'Instances', specs: selectionParameterSpecs },
  { title: 'Tracks', specs: trackingParameterSpecs },
  { title: 'Cameras and frames', specs: inputParameterSpecs },
  { title: 'Depth', specs: depthParameterSpecs },
  { title: 'Outputs', specs: outputParameterSpecs },
  { title: 'The node', specs: nodeParameterSpecs },
];

type OwnSpec = (typeof parameterSpecs)[number];

/** Names of the node's own parameters. */
export type ParameterName = OwnSpec['name'];

interface ValueOfType {
  readonly bool: boolean;
  readonly integer: number;
  readonly double: number;
  readonly string: string;
  readonly string_array: readonly string[];
  readonly 'string_array or integer_array': readonly string[] | readonly number[];
}

type ValueOf<Spec extends OwnSpec> = Spec extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : ValueOfType[Spec['type']];

/** The node's own parameters, checked, by name; the types are those of the schema. */
export type ParameterValues = { readonly [Spec in OwnSpec as Spec['name']]: ValueOf<Spec> };

/** Parameters that every node of ROS 2 has; launch files give them to all nodes alike. */
export const commonParameterSpecs = [
  {
    name: 'use_sim_time',
    type: 'bool',
    default: false,
    timing: 'live',
    description:
      'Take the time of the node from /clock, which a bag or a simulator publishes; stamps of frames are not changed by it.',
  },
  {
    name: 'start_type_description_service',
    type: 'bool',
    default: true,
    timing: 'startup',
    description: 'Start the ~/get_type_description service, where this ROS distribution has it.',
  },
] as const satisfies readonly ParameterSpec[];
