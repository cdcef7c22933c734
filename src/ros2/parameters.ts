import { type ParameterSpec, parameterSpecs } from '../config/schema.js';
import type { ParameterStore } from '../config/store.js';
import type { RosNode } from './rcl.js';

const timingText = {
  live: 'takes effect with the next frame',
  activate: 'takes effect at activation; may be set while the node is not active',
  configure: 'may be set while the node is not active; reloads the model',
  startup: 'read once at start',
} as const;

/** Declares every parameter of the schema with its description, bounds and present value. */
export function declareParameters(ros: RosNode, store: ParameterStore): void {
  ros.declareParameters(
    parameterSpecs.map((spec: ParameterSpec & { name: (typeof parameterSpecs)[number]['name'] }) => ({
      name: spec.name,
      type: spec.type,
      value: store.value(spec.name),
      description: spec.description,
      readOnly: spec.timing === 'startup',
      range: spec.range ?? null,
      constraints: [
        ...(spec.choices === undefined ? [] : [`one of ${spec.choices.join(', ')}`]),
        timingText[spec.timing],
      ].join('; '),
    })),
  );
}
