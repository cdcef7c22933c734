import { describe, expect, it } from 'vitest';
import { TransportError } from '#dist/core/errors.js';
import {
  answeringAlways,
  type FailedAnswer,
  guardExecution,
  guardServices,
  type ServiceCallback,
  type ServiceResponse,
} from '#dist/ros2/rcl/serviceAnswers.js';
import { UnreadRequest } from '#dist/ros2/rcl/unreadRequest.js';

/** What rclnodejs hands to a callback; keeps what is sent. */
class Response implements ServiceResponse {
  readonly answers: object[] = [];
  readonly template: object;

  constructor(template: object) {
    this.template = template;
  }

  get sent(): boolean {
    return this.answers.length > 0;
  }

  send(answer: object): void {
    this.answers.push(answer);
  }
}

const fails = () => {
  throw new Error('a value of type 200');
};

describe('a service callback that throws', () => {
  it('is logged, and the caller gets an answer with the reason', () => {
    const logged: string[] = [];
    const response = new Response({ successful: true, failure_reason: '' });
    answeringAlways(fails, (text) => logged.push(text))({} as never, response);
    expect(response.answers).toEqual([{ successful: true, failure_reason: 'a value of type 200' }]);
    expect(logged).toEqual(['a value of type 200']);
  });

  it('gets the answer that is made for its type and request', () => {
    const response = new Response({ results: [] });
    const failed = (template: object, reason: string, { count }: { count: number }) => ({
      ...template,
      results: new Array(count).fill(reason),
    });
    answeringAlways(fails, () => {}, failed as never)({ count: 2 } as never, response);
    expect(response.answers).toEqual([{ results: ['a value of type 200', 'a value of type 200'] }]);
  });

  it('after its answer sends no second one', () => {
    const response = new Response({});
    const sendsAndFails = (_: never, to: ServiceResponse) => {
      to.send({ first: true });
      fails();
    };
    answeringAlways(sendsAndFails, () => {})({} as never, response);
    expect(response.answers).toEqual([{ first: true }]);
  });

  it('sends no second answer where the client has gone', () => {
    const logged: string[] = [];
    let sendings = 0;
    const send = () => {
      sendings++;
      throw new TransportError('answer', 'not taken', {}, new Error('client will not receive response'));
    };
    const response = { template: {}, sent: false, send };
    answeringAlways(
      (_, to) => to.send({}),
      (text) => logged.push(text),
    )({} as never, response);
    expect(sendings).toBe(1);
    expect(logged).toEqual(['answer: not taken (caused by client will not receive response)']);
  });

  it('does not throw where the answer cannot be sent either', () => {
    const logged: string[] = [];
    const response = { template: {}, sent: false, send: fails };
    expect(() => answeringAlways(fails, (text) => logged.push(text))({} as never, response)).not.toThrow();
    expect(logged[1]).toBe('the answer could not be sent: a value of type 200');
  });

  it('is guarded in place where rclnodejs has registered it, by the name of its service', () => {
    const logged: string[] = [];
    const service = { serviceName: '/node/get_state', _callback: fails };
    guardServices([service], (name, text) => logged.push(`${name}: ${text}`));
    const response = new Response({ success: false });
    (service._callback as ServiceCallback)({} as never, response);
    expect(response.answers).toEqual([{ success: false }]);
    expect(logged).toEqual(['/node/get_state: a value of type 200']);
  });
});

describe('a request that was too large to be read', () => {
  it('is refused with its size, without its service', () => {
    const logged: string[] = [];
    const response = new Response({ results: [] });
    const failed = (_: object, reason: string, { lengths }: UnreadRequest) => ({ reason, ...lengths });
    const callback = answeringAlways(fails, (text) => logged.push(text), failed as FailedAnswer);
    callback(new UnreadRequest(1_048_577, { names: 9 }) as never, response);
    expect(response.answers).toEqual([{ reason: logged[0], names: 9 }]);
    const limit = 'this node reads at most 1048576 bytes and 10000 values: ';
    const remedy =
      'a parameter has six of them and the items of its list; ask in several requests, and give long lists in a parameter file at start';
    expect(logged).toEqual([`request: the request has 1048577 bytes; ${limit}${remedy}`]);
    expect(new UnreadRequest(90_000, {}).reason).toBe(
      `the request has 90000 bytes and more than 10000 values; ${limit}${remedy}`,
    );
  });
});

describe('a message that cannot be taken', () => {
  it('is logged and costs the others nothing', () => {
    const taken: string[] = [];
    const logged: string[] = [];
    const node = {
      execute(handles: readonly object[]): void {
        for (const { name } of handles as readonly { name: string }[]) {
          if (name === 'bad') fails();
          taken.push(name);
        }
      },
    };
    guardExecution(node, (text) => logged.push(text));
    expect(() => node.execute([{ name: 'a' }, { name: 'bad' }, { name: 'b' }])).not.toThrow();
    expect(taken).toEqual(['a', 'b']);
    expect(logged).toEqual(['a message could not be taken: a value of type 200']);
  });
});
