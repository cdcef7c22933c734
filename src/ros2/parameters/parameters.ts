import { commonParameterSpecs, parameterSpecs } from '../../config/schema.js';
import type { ParameterSpec } from '../../config/parameterSpec.js';
import { valuesAtStart } from '../../config/startValues.js';
import { checkParameter } from '../../config/validate.js';
import { type ParameterDeclaration, ParameterServices } from './parameterServices.js';
import type { RosNode } from '../rcl/rosNode.js';
import type { TopicName } from '../topicNames.js';
import { qosOverrideProblems } from '../unusedArguments.js';

const timingText = {
  live: 'takes effect with the next frame',
  activate: 'takes effect at activation; may be set while the node is not active',
  configure: 'may be set while the node is not active; reloads the model',
  startup: 'read once at start',
} as const;

function declarationOf(spec: ParameterSpec): ParameterDeclaration {
  return {
    name: spec.name,
    type: spec.type,
    description: spec.description,
    readOnly: spec.timing === 'startup',
    range: spec.range ?? null,
    constraints: [
      ...(spec.choices === undefined ? [] : [`one of ${spec.choices.join(', ')}`]),
      ...(spec.type.includes(' or ') ? [spec.type] : []),
      ...(spec.mostItems === undefined ? [] : [`at most ${spec.mostItems} items`]),
      timingText[spec.timing],
    ].join('; '),
  };
}

const commonDeclarations = commonParameterSpecs.map((spec) => ({ ...declarationOf(spec), constraints: '' }));

/** Every parameter of the segmentation node as its services describe it. */
export const nodeDeclarations: readonly ParameterDeclaration[] = [
  ...parameterSpecs.map(declarationOf),
  ...commonDeclarations,
];

/**
 * Serves the parameters of a node that has only those of every ROS node, and these topics.
 *
 * Throws ConfigError for overrides that cannot be used.
 */
export function serveCommonParameters(ros: RosNode, topics: readonly TopicName[]): void {
  const specs: readonly ParameterSpec[] = commonParameterSpecs;
  const overrides = ros.parameterOverrides;
  const values = valuesAtStart(specs, overrides, () => qosOverrideProblems(overrides, topics, ros));
  const followClock = () => ros.clock.simulate(values.get('use_sim_time') === true);
  followClock();
  const specOf = (name: string) => specs.find((spec) => spec.name === name)!;
  new ParameterServices(ros, {
    declarations: commonDeclarations,
    value: (name) => values.get(name)!,
    prepare: (changes) => {
      const checked = Object.entries(changes).map(
        ([name, value]) => [name, checkParameter(specOf(name), value)] as const,
      );
      const commit = () => {
        for (const [name, value] of checked) values.set(name, value);
        followClock();
      };
      return { commit, discard: () => {} };
    },
  });
}
