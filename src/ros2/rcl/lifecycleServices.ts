import type { ServiceResponse } from './serviceAnswers.js';

/** rclnodejs's state, and its transition between two. */
interface Named {
  readonly id: number;
  readonly label: string;
}

interface TransitionDescription {
  readonly transition: Named;
  readonly startState: Named;
  readonly goalState: Named;
}

interface ChangeStateRequest {
  readonly transition: Named;
}

/** The parts of rclnodejs's lifecycle node that its services are made of; it looks the handlers up at each call. */
export interface LifecycleInternals {
  readonly currentState: Named;
  readonly availableTransitions: readonly TransitionDescription[];
  readonly transitions: readonly TransitionDescription[];
  _onGetAvailableTransitions(request: object, response: ServiceResponse): void;
  _onChangeState(request: ChangeStateRequest, response: ServiceResponse): void;
}

/** Names of the services below the node's own name. */
export const lifecycleServiceNames = [
  'change_state',
  'get_state',
  'get_available_states',
  'get_available_transitions',
  'get_transition_graph',
] as const;

/** lifecycle_msgs/GetAvailableTransitions_Response; rclnodejs 2.2 sends its own field names, which no message has. */
export function transitionsAnswer(descriptions: readonly TransitionDescription[]): object {
  return {
    available_transitions: descriptions.map(({ transition, startState, goalState }) => ({
      transition: { id: transition.id, label: transition.label },
      start_state: { id: startState.id, label: startState.label },
      goal_state: { id: goalState.id, label: goalState.label },
    })),
  };
}

/**
 * Puts right what the services of rclnodejs's lifecycle node answer.
 *
 * @param logWarning Told of each refusal, with the kind of what was asked: one of few.
 */
export function mendLifecycleServices(
  node: LifecycleInternals,
  logWarning: (kind: string, text: string) => void,
): void {
  node._onGetAvailableTransitions = (_, response) =>
    response.send(transitionsAnswer(node.availableTransitions));

  const change = node._onChangeState.bind(node);
  node._onChangeState = (request, response) => {
    // The library throws where the state does not allow a transition, and answers a wrong label without a word.
    const { id, label } = request.transition;
    const isAllowed = node.availableTransitions.some(({ transition }) =>
      label === '' ? transition.id === id : transition.label === label,
    );
    if (isAllowed) {
      change(request, response);
      return;
    }
    const allowed = node.availableTransitions.map(({ transition }) => transition.label).join(', ');
    const known = node.transitions.find(({ transition }) => transition.id === id)?.transition.label;
    const asked =
      label === '' ? (known === undefined ? id : `${known} (${id})`) : JSON.stringify(label.slice(0, 60));
    logWarning(
      label === '' ? String(id) : 'label',
      `transition ${asked} refused: the node is ${node.currentState.label}; it can ${allowed === '' ? 'do nothing more' : allowed}`,
    );
    response.send({ success: false });
  };
}
