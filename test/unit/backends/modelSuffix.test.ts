import { expect, it } from 'vitest';
import { backendOfFile, isTorchFile } from '#dist/backends/modelSuffix.js';

it.each([
  ['yolov8n.bin', 'bpu'],
  ['/models.d/YOLO11.HBM', 'bpu'],
  ['yolov8n.onnx', 'onnx'],
  ['shapes.Replay', 'replay'],
  ['yolov8n.pt', null],
  ['yolov8n.onnx.bak', null],
  ['bin', null],
])('%s is run by %s', (path, backend) => {
  expect(backendOfFile(path)).toBe(backend);
});

it.each([
  ['yolov8n-seg.pt', true],
  ['checkpoint.PTH', true],
  ['yolov8n-seg.opt', false],
])('%s is a file of PyTorch: %s', (path, isTorch) => {
  expect(isTorchFile(path)).toBe(isTorch);
});
