import type { ParameterValues } from '../config/schema.js';
import type { Check } from './check.js';
import { notApplicable } from './check.js';
import { judgeLoan } from './loanVerdict.js';
import { thisMachine } from './machine.js';
import type { ModelRequest } from './probeMessages.js';
import { checkRos } from './ros.js';
import { runProbe } from './runProbe.js';
import { checkSharedMemory } from './sharedMemory.js';
import { checkSystem } from './system.js';

/** What is to be looked at. */
export interface DoctorRequest {
  readonly backend: ModelRequest['backend'];
  readonly modelPath: string;
  readonly values: ParameterValues;
  /** Oldest version of Node that this package runs on. */
  readonly leastNode: string;
  /** Ends what is being tried. */
  readonly signal: AbortSignal;
  /** Told the checks of each family as they end. */
  readonly onChecks: (checks: readonly Check[]) => void;
}

/** Loading a large model takes seconds, finding others in a ROS graph too; beyond this something hangs. */
const stepLimitMs = 30_000;

/** Runs every check, one family after the other; rejects with the signal's reason alone. */
export async function runDoctor(request: DoctorRequest): Promise<Check[]> {
  const { backend, modelPath, values, leastNode, signal, onChecks } = request;
  const machine = thisMachine();
  const all: Check[] = [];
  const add = (checks: readonly Check[]) => {
    signal.throwIfAborted();
    all.push(...checks);
    onChecks(checks);
  };
  const limits = { stepLimitMs, env: process.env, signal };
  const system = await checkSystem(machine, leastNode);
  add(system);
  const isOnBoard = system.some(({ id, outcome }) => id === 'system.board' && outcome === 'ok');
  const ros = checkRos(machine);
  add(ros);
  add(checkSharedMemory(machine));
  const hasRos = ros.some(({ id, outcome }) => id === 'ros.distro' && outcome === 'ok');
  const isRefused = ros.some(({ id, outcome }) => id === 'ros.rmw' && outcome === 'fault');
  add(
    hasRos && !isRefused
      ? judgeLoan(await runProbe({ request: { kind: 'loan' }, ...limits }), ros)
      : [
          notApplicable(
            'shm.loan',
            hasRos ? 'the middleware is not installed' : 'no ROS 2 in this environment',
          ),
        ],
  );
  const model = await runProbe({
    request: { kind: 'model', backend, modelPath, values, isOnBoard },
    ...limits,
  });
  add(model.checks);
  return all;
}
