import { shellCommand, shellQuote } from '../text/shell.js';
import type { March } from './mapperChoices.js';
import { logNames } from '../text/vendorFiles.js';

/** Command lines of a conversion, in the order in which they are called. */
export interface PtqCommands {
  readonly check: string;
  readonly convert: string;
  readonly list: string;
}

/** Names that the command lines are made of. */
export interface PtqNames {
  readonly modelPath: string;
  readonly configFile: string;
  readonly prefix: string;
  readonly march: March;
}

/** The vendor's commands, to be run in the folder of the configuration. */
export function ptqCommands({ modelPath, configFile, prefix, march }: PtqNames): PtqCommands {
  const type = ['--model-type', 'onnx'];
  return {
    check: shellCommand(['hb_mapper', 'checker', ...type, '--march', march, '--model', modelPath]),
    convert: shellCommand(['hb_mapper', 'makertbin', ...type, '--config', configFile]),
    list: shellCommand(['hb_model_modifier', `${prefix}.bin`]),
  };
}

/** A script that does the whole conversion inside the vendor's docker and stops at the first failure. */
export function ptqScript(names: PtqNames): string {
  const { check, convert, list } = ptqCommands(names);
  return `#!/bin/sh
# Quantises and compiles ${names.modelPath.replaceAll('\n', ' ')}
# To be run inside the vendor's OpenExplorer docker.
set -eu
cd "$(dirname "$0")"

for tool in hb_mapper hb_model_modifier; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "$tool is not here: run this script inside the OpenExplorer docker" >&2
    exit 1
  fi
done

# Are all operators known to the processor?
${check}

# Calibrate, quantise, compile; takes minutes.
${convert}

# List the Dequantize nodes that can be removed; nothing is changed yet.
cd ${shellQuote(names.prefix)}
${list}

echo "next, where rdk-yolo-seg is installed:"
echo "  rdk-yolo-seg model log ${logNames.makertbin}"
echo "  rdk-yolo-seg model dequant ${logNames.makertbin} ${names.prefix}/${logNames.modifier}"
`;
}
