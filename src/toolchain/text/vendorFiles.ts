/** The files in which the vendor's tools write their logs, by tool and command. */
export const logNames = {
  checker: 'hb_mapper_checker.log',
  makertbin: 'hb_mapper_makertbin.log',
  modifier: 'hb_model_modifier.log',
  info: 'hb_model_info.log',
} as const;

/** The file of the quantised graph that hb_mapper leaves beside PREFIX.bin. */
export const quantisedName = (prefix: string) => `${prefix}_quantized_model.onnx`;

/** What hb_model_modifier calls the model that it makes of NAME.bin. */
export const modifiedName = (binFile: string) => `${binFile.replace(/\.bin$/, '')}_modified.bin`;

/** NAME of NAME.bin or NAME_modified.bin; null for any other file. */
export function prefixOf(binFile: string): string | null {
  return /^(.*?)(?:_modified)?\.bin$/s.exec(binFile)?.[1] ?? null;
}
