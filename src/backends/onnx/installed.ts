import { ConfigError } from '../../core/errors.js';

/** What the optional part of an installation brings; a robot that runs its models on the BPU may do without. */
const packages = ['onnxruntime-node', 'onnx-buf'];

/** Throws ConfigError `onnx_not_installed` where models in ONNX form cannot be read. */
export function refuseWithoutOnnx(what: string): void {
  for (const name of packages) {
    try {
      import.meta.resolve(name);
    } catch (error) {
      const remedy = 'install rdk-yolo-seg-onnx (docs/install.md)';
      const text = `${what} needs ${name}, which is not installed here; remedy: ${remedy}`;
      throw new ConfigError('onnx_not_installed', text, { package: name }, error);
    }
  }
}
