import { ConfigError } from '../../core/errors.js';

/** What the metadata of the vendor's packages says of their licence, as of the pinned versions. */
export const licenceLines: readonly string[] = [
  'The toolchain is not part of rdk-yolo-seg. Its packages come from PyPI, by D-Robotics, for users of their boards:',
  '  dgdk 1.0.0 (compiler, simulator)   licence: "Copyright (C) D Robotics Inc. - All Rights Reserved"',
  '  dg-nn-toolkit 1.0.0 (quantisation) licence: none named in its metadata',
  '  rdkx5-yolo-mapper 1.0.0 (commands) licence: none named in its metadata',
  'Whether you may use them, and models made with them, for your purpose is between you and D-Robotics',
  '(https://developer.d-robotics.cc). What they need beside (torch, onnx, scipy, ...) is open source of others.',
];

/** Throws ConfigError `licence` unless the user accepts when asked; `ask` is null where nobody can be asked. */
export async function checkLicence(
  installCommand: string,
  ask: ((question: string) => Promise<string>) | null,
): Promise<void> {
  const answer = ask === null ? null : await ask('Install them on these terms? [y/N] ');
  if (answer !== null && /^y(?:es)?$/i.test(answer.trim())) return;
  const why = answer === null ? 'nobody can be asked here' : 'not accepted';
  const remedy = `To accept the terms above: ${installCommand} --accept-licence`;
  throw new ConfigError('licence', `${why}; nothing was installed. ${remedy}`, {});
}
