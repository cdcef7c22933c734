// Text as `hrt_model_exec model_info` prints it, from which native/fakednn takes the tensors of its models.

const list = (values) => `(${Array.from(values, (value) => `${value},`).join('')})`;

/** Bytes from the first element to the end of the last one. */
function spannedBytes({ dims, strideBytes }, elementBytes) {
  return dims.reduce((sum, size, axis) => sum + (size - 1) * strideBytes[axis], elementBytes);
}

function nv12Text({ widthPx, heightPx, pitchBytes = widthPx }) {
  return [
    'input[0]: ',
    'name: images',
    'input source: HB_DNN_INPUT_FROM_PYRAMID',
    `valid shape: ${list([1, 3, heightPx, widthPx])}`,
    `aligned shape: ${list([1, 3, heightPx, pitchBytes])}`,
    `aligned byte size: ${(pitchBytes * heightPx * 3) / 2}`,
    'tensor type: HB_DNN_IMG_TYPE_NV12',
    'tensor layout: HB_DNN_LAYOUT_NCHW',
    'quanti type: NONE',
    'stride: (0,0,0,0,)',
    '',
  ];
}

function quantisationText(rule) {
  if (rule.kind === 'none') return ['quanti type: NONE'];
  const values = rule.kind === 'shift' ? rule.shifts : rule.quantScales;
  return [
    `quanti type: ${rule.kind.toUpperCase()}`,
    `${rule.kind} data: ${Array.from(values, (value) => `${value},`).join('')}`,
    ...(rule.zeroPoints?.length > 0
      ? [`zero point data: ${Array.from(rule.zeroPoints, (value) => `${value},`).join('')}`]
      : []),
    `quantizeAxis: ${rule.axis}`,
  ];
}

function outputText(spec, index) {
  const { name, type, dims, strideBytes, quantisation, alignedDims = dims } = spec;
  const elementBytes = Number(type.slice(1)) / 8;
  return [
    `output[${index}]: `,
    `name: ${name}`,
    `valid shape: ${list(dims)}`,
    `aligned shape: ${list(alignedDims)}`,
    `aligned byte size: ${Math.max(strideBytes[0] * alignedDims[0], spannedBytes(spec, elementBytes))}`,
    `tensor type: HB_DNN_TENSOR_TYPE_${type.toUpperCase()}`,
    // As on real models, whatever the strides say.
    'tensor layout: HB_DNN_LAYOUT_NCHW',
    ...quantisationText(quantisation),
    `stride: ${list(strideBytes)}`,
    '',
  ];
}

/** Model `name` with one NV12 input and these outputs (TensorSpec, with `alignedDims` where they differ). */
export function renderModelInfo(name, input, outputs) {
  return [`[model name]: ${name}`, '', ...nv12Text(input), ...outputs.flatMap(outputText)].join('\n');
}
