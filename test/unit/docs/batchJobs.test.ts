import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { segmentCommand } from '#dist/cli/segment.js';
import { repoPath } from '../../support/frames.js';

const read = (name: string) => readFileSync(repoPath(`config/batch/${name}`), 'utf8');
const flags = segmentCommand().options.map(({ long }) => long);

/** Of a command line: each flag exists, and all that is required is given. */
function expectCommand([command, ...args]: readonly string[], count: number): void {
  expect(command).toBe('segment');
  const given = args.filter((arg) => arg.startsWith('--')).map((arg) => arg.split('=')[0]);
  for (const flag of given) expect(flags).toContain(flag);
  for (const { long, mandatory } of segmentCommand().options) if (mandatory) expect(given).toContain(long);
  expect(args).toContain(`--shards=${count}`);
  expect(args.filter((arg) => !arg.startsWith('--'))).toHaveLength(1);
}

const indexedJob = z.object({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    completionMode: z.literal('Indexed'),
    completions: z.int(),
    parallelism: z.int(),
    backoffLimitPerIndex: z.int(),
    podFailurePolicy: z.object({
      rules: z.array(
        z.object({
          action: z.enum(['Ignore', 'FailIndex', 'FailJob', 'Count']),
          onExitCodes: z
            .object({
              containerName: z.string(),
              operator: z.enum(['In', 'NotIn']),
              values: z.array(z.int()),
            })
            .optional(),
        }),
      ),
    }),
    template: z.object({
      spec: z.object({
        // Kubernetes takes rules of failures with no other.
        restartPolicy: z.literal('Never'),
        containers: z.tuple([z.object({ name: z.string(), args: z.array(z.string()) })]),
      }),
    }),
  }),
});

describe('what is shipped for batch engines', () => {
  it('an Indexed Job of Kubernetes', () => {
    const { spec } = indexedJob.parse(parse(read('kubernetes-job.yaml')));
    const [{ name, args }] = spec.template.spec.containers;
    expectCommand(args, spec.completions);
    const onExit = spec.podFailurePolicy.rules.find(({ onExitCodes }) => onExitCodes !== undefined);
    expect(onExit).toMatchObject({ action: 'FailIndex', onExitCodes: { containerName: name, values: [2] } });
  });

  it('an array job of AWS Batch', () => {
    const definition = z
      .object({
        jobDefinitionName: z.string(),
        type: z.literal('container'),
        parameters: z.record(z.string(), z.string()),
        retryStrategy: z.object({
          attempts: z.int().max(10),
          evaluateOnExit: z.array(z.object({ onExitCode: z.string().optional(), action: z.string() })),
        }),
        containerProperties: z.object({ command: z.array(z.string()) }),
      })
      .parse(JSON.parse(read('aws-batch-job-definition.json')));
    const job = z
      .object({ jobDefinition: z.string(), arrayProperties: z.object({ size: z.int().min(2).max(10_000) }) })
      .parse(JSON.parse(read('aws-batch-job.json')));
    expect(job.jobDefinition).toBe(definition.jobDefinitionName);
    const { command } = definition.containerProperties;
    expectCommand(command, job.arrayProperties.size);
    for (const [, name] of command.join(' ').matchAll(/Ref::(\w+)/g))
      expect(Object.keys(definition.parameters)).toContain(name);
    expect(definition.retryStrategy.evaluateOnExit[0]).toEqual({ onExitCode: '2', action: 'EXIT' });
  });

  it('a Containerfile that copies what there is and starts the command', () => {
    const text = read('Containerfile');
    expect(text).toContain('ENTRYPOINT ["/opt/rdk-yolo-seg/bin/rdk-yolo-seg"]');
    for (const [, image] of text.matchAll(/^FROM (\S+)/gm)) expect(image).toMatch(/node:20\.20\.2-/);
  });
});
