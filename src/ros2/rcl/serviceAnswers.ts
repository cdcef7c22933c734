import { describeError, TransportError } from '../../core/errors.js';
import { UnreadRequest } from './unreadRequest.js';

/** What rclnodejs hands to a service callback for its answer. */
export interface ServiceResponse {
  /** An answer with every field at its default, new at each look. */
  readonly template: object;
  send(answer: object): void;
  /** Whether an answer has gone out. */
  readonly sent: boolean;
}

/** A service callback as rclnodejs calls it. */
export type ServiceCallback = (request: never, response: ServiceResponse) => unknown;

/** A service as rclnodejs keeps it. */
export interface RegisteredService {
  readonly serviceName: string;
  _callback: ServiceCallback;
}

/**
 * The answer that tells a caller of a failure; `template` has every field at its default, and the request is an
 * {@link UnreadRequest} where it was too large.
 */
export type FailedAnswer = (template: object, reason: string, request: never) => object;

/** For services of any type: defaults mean a failure or nothing, and a field for the reason is filled where there is one. */
const failedWithReason: FailedAnswer = (template, reason) =>
  'failure_reason' in template ? { ...template, failure_reason: reason } : template;

/** True for an answer that was handed over in vain: another would block as long, 100 ms with Fast DDS. */
const isLostAnswer = (error: unknown) => error instanceof TransportError && error.code === 'answer';

/**
 * A service callback that cannot throw and answers once, a request that was too large to be read, too.
 *
 * rclnodejs calls it from native code, where an exception ends the process.
 */
export function answeringAlways(
  run: ServiceCallback,
  logError: (text: string) => void,
  failed: FailedAnswer = failedWithReason,
): ServiceCallback {
  return (request, response) => {
    try {
      if ((request as unknown) instanceof UnreadRequest) {
        throw new TransportError('request', (request as UnreadRequest).reason);
      }
      return run(request, response);
    } catch (error) {
      const reason = describeError(error);
      logError(reason);
      if (response.sent || isLostAnswer(error)) return undefined;
      try {
        response.send(failed(response.template, reason, request));
      } catch (sendError) {
        logError(`the answer could not be sent: ${describeError(sendError)}`);
      }
      return undefined;
    }
  };
}

/** Puts {@link answeringAlways} around the services that rclnodejs has made itself. */
export function guardServices(
  services: readonly RegisteredService[],
  logError: (serviceName: string, text: string) => void,
): void {
  for (const service of services) {
    service._callback = answeringAlways(service._callback, (text) => logError(service.serviceName, text));
  }
}

/** What calls our code from rclnodejs's native thread, with the handles of the entities that are ready. */
export interface Executing {
  execute(handles: readonly object[]): void;
}

/**
 * Lets nothing that is thrown on the way of a message reach native code: it would end the process.
 *
 * One handle at a time, so that a bad one costs the others nothing.
 */
export function guardExecution(node: Executing, logError: (text: string) => void): void {
  const execute = node.execute.bind(node);
  node.execute = (handles) => {
    for (const handle of handles) {
      try {
        execute([handle]);
      } catch (error) {
        logError(`a message could not be taken: ${describeError(error)}`);
      }
    }
  };
}
