import { extname } from 'node:path';

const backendOfSuffix = {
  '.bin': 'bpu',
  // Of several chips: the library says whose.
  '.hbm': 'bpu',
  '.onnx': 'onnx',
  '.replay': 'replay',
} as const;
type Suffix = keyof typeof backendOfSuffix;

/** What the files of models end with. */
export const modelSuffixes = Object.keys(backendOfSuffix) as readonly Suffix[];

/** The backend that runs a file of this name; null where its suffix tells none. */
export function backendOfFile(path: string): (typeof backendOfSuffix)[Suffix] | null {
  const suffix = modelSuffixes.find((one) => one === extname(path).toLowerCase());
  return suffix === undefined ? null : backendOfSuffix[suffix];
}

/** True for weights as PyTorch saves them, by the name of the file. No backend runs them. */
export function isTorchFile(path: string): boolean {
  return /\.pth?$/i.test(path);
}

/** What makes a model of such weights. */
export function torchExportCommand(path: string): string {
  return `yolo export model=${path} format=onnx opset=11`;
}
