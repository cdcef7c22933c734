import { quantiTypeNames } from '../../model/vendorTensor.js';
import type { BpuModel, BpuOutput } from '../../native/bpu.js';
import { type InfoModel, type InfoTensor, plainTensor } from './modelInfoText.js';

function describeOutput(output: BpuOutput): InfoTensor {
  return {
    ...plainTensor(output.name, output.dims, `HB_DNN_TENSOR_TYPE_${output.type}`),
    alignedByteSize: output.sizeBytes,
    quantiType: quantiTypeNames[output.quantiType] ?? String(output.quantiType),
    strideBytes: output.strideBytes,
    scales: output.scales,
    zeroPoints: output.zeroPoints,
    shifts: output.shifts,
    quantizeAxis: output.scales.length > 1 || output.shifts.length > 1 ? output.quantizeAxis : null,
  };
}

function describeInput({ input }: BpuModel): InfoTensor {
  const { name, form, widthPx, heightPx, sizeBytes } = input;
  return {
    ...plainTensor(name, [1, 3, heightPx, widthPx], `HB_DNN_IMG_TYPE_${form.toUpperCase()}`),
    alignedShape: [1, 3, heightPx, input.pitchBytes],
    alignedByteSize: sizeBytes,
  };
}

/** What the vendor's library says of a loaded model, in the form in which the vendor's tool prints it. */
export function infoOfLoadedModel(model: BpuModel): InfoModel {
  return {
    name: model.modelName,
    inputs: [describeInput(model)],
    outputs: model.outputs.map(describeOutput),
  };
}
