import { SidetoneError, errorCodes, toError, type ErrorCode } from '#lib/errors.ts';

/** Requests between threads: named operations with arguments and a result, all structured-cloneable. */
export type Contract = Record<string, { readonly args: unknown; readonly result: unknown }>;
type Operation<C extends Contract> = keyof C & string;

export interface RpcRequest {
  readonly kind: 'request';
  readonly id: number;
  readonly operation: string;
  readonly args: unknown;
}
export type RpcReply =
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly code: string | null; readonly message: string };

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The asking side. Each request is answered, times out (`rpc-timeout`), or is rejected when the other side is gone. */
export class RpcClient<C extends Contract> {
  readonly #post: (request: RpcRequest) => void;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #closedBy: Error | undefined;

  constructor(post: (request: RpcRequest) => void, timeoutMs: number) {
    this.#post = post;
    this.#timeoutMs = timeoutMs;
  }

  request<Op extends Operation<C>>(
    operation: Op,
    args: C[Op]['args'],
    timeoutMs = this.#timeoutMs,
  ): Promise<C[Op]['result']> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new SidetoneError('rpc-timeout', `no answer to ${operation} in ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#post({ kind: 'request', id, operation, args });
    });
  }

  receive(reply: RpcReply): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    this.#pending.delete(reply.id);
    clearTimeout(pending.timer);
    if (reply.kind === 'result') pending.resolve(reply.result);
    else pending.reject(errorOf(reply));
  }

  /** Rejects everything pending, and every request from now on. */
  close(error: Error): void {
    this.#closedBy ??= error;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
  }
}

export type Handlers<C extends Contract> = {
  readonly [Op in Operation<C>]: (args: C[Op]['args']) => Promise<C[Op]['result']> | C[Op]['result'];
};

/** The answering side: runs the handler and posts what came of it. Never rejects. */
export async function answer<C extends Contract>(
  handlers: Handlers<C>,
  request: RpcRequest,
  post: (reply: RpcReply) => void,
): Promise<void> {
  const { id } = request;
  try {
    const handler = handlers[request.operation as Operation<C>];
    post({ kind: 'result', id, result: await handler(request.args) });
  } catch (thrown) {
    const error = toError(thrown);
    post({ kind: 'failure', id, code: error instanceof SidetoneError ? error.code : null, message: error.message });
  }
}

function errorOf(failure: { readonly code: string | null; readonly message: string }): Error {
  const code = errorCodes.find((known): known is ErrorCode => known === failure.code);
  return code === undefined ? new Error(failure.message) : new SidetoneError(code, failure.message);
}
