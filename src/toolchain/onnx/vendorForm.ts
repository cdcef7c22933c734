import { create } from '@bufbuild/protobuf';
import { OperatorSetIdProtoSchema } from 'onnx-buf';
import type { OnnxGraphModel } from '../../backends/onnx/graph/onnxFile.js';
import { withoutUnused } from '../../backends/onnx/graph/subgraph.js';
import { ModelContractError } from '../../core/errors.js';
import { inOlderForms } from './olderForms.js';
import {
  type Blocker,
  foreignOperators,
  isStandard,
  newestVendorOpset,
  opsetBlockers,
  opsetOf,
  vendorOpsets,
} from './opset.js';

/** The newest version of the file format that hb_mapper's checker takes. */
const newestIr = 9;

function withOpset(model: OnnxGraphModel, opset: number): OnnxGraphModel {
  const opsetImport = model.opsetImport.map((one) =>
    isStandard(one.domain)
      ? create(OperatorSetIdProtoSchema, { domain: one.domain, version: BigInt(opset) })
      : one,
  );
  return { ...model, opsetImport };
}

/** True if hb_mapper reads the model as it is. */
export function isVendorForm(model: OnnxGraphModel): boolean {
  return vendorOpsets.includes(opsetOf(model)) && model.irVersion <= newestIr;
}

/** What a model is to those who are told that hb_mapper cannot read it. */
export type ModelStage = 'export' | 'heads';

const onnxRuntimeWay: Readonly<Record<ModelStage, string>> = {
  export: 'For ONNX Runtime the model is good as it is; `model heads --any-opset` cuts it for that.',
  heads: 'For ONNX Runtime the model is good as it is: its heads are raw.',
};

const quantised = ['QuantizeLinear', 'DequantizeLinear'];

function wayToBpu(blockers: readonly Blocker[], stage: ModelStage): string {
  const next = stage === 'heads' ? ', and cut that with `model heads`' : '';
  return blockers.some(({ opType }) => quantised.includes(opType))
    ? `hb_mapper quantises itself: export the float model with opset=11${next}.`
    : `Export with opset=11${next}; where torch writes 18 all the same, with its older exporter (dynamo=False).`;
}

interface VendorForm {
  /** Null if something stands in the way. */
  readonly written: OnnxGraphModel | null;
  readonly blockers: readonly Blocker[];
  readonly foreign: readonly string[];
}

function vendorFormOf(model: OnnxGraphModel): VendorForm {
  const opset = opsetOf(model);
  const irVersion = model.irVersion > newestIr ? BigInt(newestIr) : model.irVersion;
  if (vendorOpsets.includes(opset)) return { written: { ...model, irVersion }, blockers: [], foreign: [] };
  const older = opset > newestVendorOpset ? withoutUnused(inOlderForms(model, opset)) : model;
  const blockers = opsetBlockers(older);
  const foreign = foreignOperators(older);
  const isFree = opset > newestVendorOpset && blockers.length === 0 && foreign.length === 0;
  return {
    written: isFree ? { ...withOpset(older, newestVendorOpset), irVersion } : null,
    blockers,
    foreign,
  };
}

/** The model in the vendor's form where it has one, else as it is. */
export function inVendorFormIfPossible(model: OnnxGraphModel): OnnxGraphModel {
  return vendorFormOf(model).written ?? model;
}

/**
 * The model as hb_mapper reads it: operators in the forms of opset 11, and called by that number, in a file of IR version
 * 9 at most.
 *
 * Throws ModelContractError `opset`, with the operators that stand in the way.
 */
export function inVendorForm(path: string, model: OnnxGraphModel, stage: ModelStage): OnnxGraphModel {
  const { written, blockers, foreign } = vendorFormOf(model);
  if (written !== null) return written;
  const opset = opsetOf(model);
  const expected = vendorOpsets.join(' and ');
  const lines = [
    `model ${path} has opset ${opset}; hb_mapper reads ${expected}, and it cannot be written so:`,
    ...(opset < newestVendorOpset ? [`  older than ${expected}`] : []),
    ...blockers.map(({ opType, count, why }) => `  ${count} x ${opType}: ${why}`),
    ...foreign.map((name) => `  ${name}: not of the ONNX standard`),
    `${wayToBpu(blockers, stage)} ${onnxRuntimeWay[stage]}`,
  ];
  const details = { path, opset, expected: vendorOpsets, blockers, foreign };
  throw new ModelContractError('opset', lines, details);
}

/**
 * Throws ModelContractError `opset` unless hb_mapper reads the raw heads as they are; the remedy is `model heads` where that
 * can write them so.
 */
export function checkVendorForm(path: string, model: OnnxGraphModel): void {
  if (isVendorForm(model)) return;
  inVendorForm(path, model, 'heads');
  const found = `opset ${opsetOf(model)} and IR version ${model.irVersion}`;
  const expected = `${vendorOpsets.join(' or ')} and at most ${newestIr}`;
  throw new ModelContractError(
    'opset',
    `model ${path} has ${found}; hb_mapper reads ${expected}: \`model heads ${path} -o NEW.onnx\` writes it so`,
    { path, opset: opsetOf(model), irVersion: Number(model.irVersion) },
  );
}
