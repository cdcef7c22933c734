import { Document } from 'yaml';
import { type ParameterName, parameterGroups, parameterSpecs } from './schema.js';
import type { ParameterSpec } from './parameterSpec.js';

function bounds(spec: ParameterSpec): string {
  if (spec.choices !== undefined) return spec.choices.join(' \\| ');
  return spec.range === undefined ? '' : `${spec.range.from} .. ${spec.range.to}`;
}

/** What README tells of: the parameters that a first model and camera call for. */
const firstParameters: readonly ParameterName[] = [
  'model.path',
  'model.class_names',
  'score_threshold',
  'max_detections',
  'classes',
  'tracking.enabled',
  'cameras.names',
  'input.max_rate_hz',
  'input.depth',
  'output.mask_encoding',
  'output.label_map',
  'overlay.scale',
  'enabled',
  'autostart',
];

function tableOf(specs: readonly ParameterSpec[]): string {
  const rows = specs.map((spec) =>
    [
      '',
      `\`${spec.name}\``,
      spec.type,
      `\`${JSON.stringify(spec.default)}\``,
      bounds(spec),
      spec.timing,
      spec.description,
      '',
    ]
      .join(' | ')
      .trim(),
  );
  const head = '| parameter | type | default | values | takes effect | meaning |';
  return `${[head, '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n')}\n`;
}

/** All parameters in Markdown, a heading and a table for each group, as docs/parameters.md shows them. */
export function parametersAsMarkdown(): string {
  return parameterGroups.map(({ title, specs }) => `## ${title}\n\n${tableOf(specs)}`).join('\n');
}

/** The few that README shows, as a Markdown table. */
export function firstParametersAsMarkdown(): string {
  return tableOf(parameterSpecs.filter(({ name }) => firstParameters.includes(name)));
}

/** A ROS parameter file with every default and its meaning as a comment. */
export function parametersAsYaml(): string {
  const tree: Record<string, unknown> = {};
  for (const spec of parameterSpecs) {
    const path = spec.name.split('.');
    const last = path.pop()!;
    let branch = tree;
    for (const part of path) {
      branch[part] ??= {};
      branch = branch[part] as Record<string, unknown>;
    }
    branch[last] = spec.default;
  }
  const document = new Document({ '/**': { ros__parameters: tree } });
  for (const spec of parameterSpecs as readonly ParameterSpec[]) {
    const path = ['/**', 'ros__parameters', ...spec.name.split('.')];
    const key = path.pop()!;
    const parent = document.getIn(path) as { items: { key: { value: string; commentBefore?: string } }[] };
    const pair = parent.items.find((item) => item.key.value === key)!;
    const values = bounds(spec).replaceAll('\\|', '|');
    pair.key.commentBefore = ` ${spec.description}${values === '' ? '' : ` [${values}]`}`;
  }
  return document.toString({ lineWidth: 0 });
}
