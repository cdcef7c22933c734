import { create } from '@bufbuild/protobuf';
import { type NodeProto, NodeProtoSchema } from 'onnx-buf';
import { InferenceSession } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { readOnnxFile } from '#dist/backends/onnx/graph/onnxFile.js';
import { changedModel, exportPath, testFolder } from '../toolchain/exports.js';

const addOf = (name: string, input: string[], output: string[]): NodeProto =>
  create(NodeProtoSchema, { name, opType: 'Add', input, output });

/** An export with further nodes, as a file, and what ONNX Runtime, which reads graphs by itself, says of it. */
async function changedWith(...nodes: readonly NodeProto[]) {
  const path = changedModel(exportPath('v8-3-classes-160x96'), testFolder(), ({ graph }) => {
    graph.node.push(...nodes);
  });
  const runtime = await InferenceSession.create(path, { logSeverityLevel: 4 }).then(
    () => 'taken',
    (error: Error) => error.message,
  );
  return { path, runtime };
}

it('a tensor that two nodes make is refused with both: what reads it could mean either', async () => {
  const one = addOf('one', ['images', 'images'], ['sum']);
  const { path, runtime } = await changedWith(one, addOf('two', ['images', 'images'], ['sum']));
  expect(runtime).toMatch(/Duplicate definition of name \(sum\)/);
  await expect(readOnnxFile(path)).rejects.toMatchObject({
    code: 'model_graph',
    message:
      'the tensor sum is made twice, by the node one (Add) and by the node two (Add); in a graph of ONNX each is made once',
  });
});

it('nodes that read from each other in a circle are refused with two of them', async () => {
  const [one, two, three] = [
    addOf('one', ['images', 'c'], ['a']),
    addOf('two', ['a', 'images'], ['b']),
    addOf('three', ['b', 'b'], ['c']),
  ];
  const { path, runtime } = await changedWith(one!, two!, three!);
  expect(runtime).toMatch(/acyclic|cycle|topological/i);
  await expect(readOnnxFile(path)).rejects.toThrow(
    /^nodes read from each other in a circle: the node two \(Add\) reads a, which the node one \(Add\) makes/,
  );
  const itself = await changedWith(addOf('alone', ['images', 'a'], ['a']));
  await expect(readOnnxFile(itself.path)).rejects.toThrow('the node alone (Add) reads a, which');
});

it('outputs that nodes leave out are no tensor', async () => {
  const nodes = ['a', 'b'].map((name) =>
    create(NodeProtoSchema, { name, opType: 'Dropout', input: ['images'], output: [name, ''] }),
  );
  const { path, runtime } = await changedWith(...nodes);
  expect(runtime).toBe('taken');
  expect((await readOnnxFile(path)).graph.node.slice(-2).map(({ name }) => name)).toEqual(['a', 'b']);
});
