import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { firstParametersAsMarkdown, parametersAsMarkdown, parametersAsYaml } from '#dist/config/render.js';
import { parameterSpecs } from '#dist/config/schema.js';

const projectUrl = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, projectUrl), 'utf8');

describe('the parameter file', () => {
  it('says to PyYAML what the schema says', () => {
    const script = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))';
    const parsed = JSON.parse(
      execFileSync('python3', ['-c', script], { input: parametersAsYaml(), encoding: 'utf8' }),
    );
    const parameters = parsed['/**'].ros__parameters;
    for (const spec of parameterSpecs) {
      const value = spec.name.split('.').reduce((branch, part) => branch[part], parameters);
      expect(value, spec.name).toEqual(spec.default);
    }
  });

  it('shipped in config/params is the one the schema renders', () => {
    expect(read('config/params/yolo_seg.yaml')).toBe(parametersAsYaml());
  });
});

describe('the parameter tables', () => {
  it('in README and docs/parameters.md are those that the schema renders', () => {
    expect(read('README.md')).toContain(firstParametersAsMarkdown());
    expect(read('docs/parameters.md')).toContain(parametersAsMarkdown());
  });

  it('have a row for every parameter, once', () => {
    const named = [...parametersAsMarkdown().matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(named).toEqual(parameterSpecs.map(({ name }) => name));
  });
});
