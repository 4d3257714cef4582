import { SidetoneError, systemCode, type ErrorCode } from '#lib/errors.ts';

const statusOf: Partial<Record<ErrorCode, number>> = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'model-missing': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'payload-too-large': 413,
  'unsupported-audio': 415,
  'range-not-satisfiable': 416,
  'model-broken': 422,
  'too-little-speech': 422,
  'engine-missing': 422,
  'endpoint-failed': 422,
  'rate-limited': 429,
  'rtpengine-refused': 502,
  'rtpengine-unavailable': 503,
  'server-draining': 503,
  'at-capacity': 503,
  'ports-exhausted': 503,
  'media-worker-lost': 503,
  'database-unavailable': 503,
  'audit-write-failed': 503,
  'audit-broken': 503,
  'not-ready': 503,
  'disk-full': 507,
};

const titles: Readonly<Record<number, string>> = {
  400: 'The request is not understood',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'In conflict with what is there',
  413: 'Too large',
  415: 'Not a kind that is read',
  416: 'No such range',
  422: 'Cannot be used',
  429: 'Too many tries',
  502: 'Refused by another server',
  503: 'Not available now',
  507: 'No room on disk',
};

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly failing?: readonly string[];
}

interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Names of what is not ready. */
  readonly failing?: readonly string[];
  readonly cause?: unknown;
}

/** An answer by RFC 9457. `detail` is shown to the client: it never quotes call content. */
export class HttpProblem extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #failing: readonly string[] | undefined;

  constructor(code: ErrorCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, { cause: extras.cause });
    this.name = 'HttpProblem';
    this.code = code;
    this.status = statusOf[code] ?? 500;
    this.headers = extras.headers ?? {};
    this.#failing = extras.failing;
  }

  body(): ProblemBody {
    return {
      type: `urn:sidetone:problem:${this.code}`,
      title: titles[this.status] ?? 'Something failed in the server',
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.#failing === undefined ? {} : { failing: this.#failing }),
    };
  }
}

/** What a thrown thing is answered with. The message of an error that is not ours stays in the log. */
export function toProblem(thrown: unknown): HttpProblem {
  if (thrown instanceof HttpProblem) return thrown;
  if (thrown instanceof SidetoneError) return new HttpProblem(thrown.code, thrown.message, { cause: thrown });
  const parserProblem = bodyParserProblem(thrown);
  if (parserProblem !== undefined) return parserProblem;
  if (systemCode(thrown) === 'ENOSPC') return new HttpProblem('disk-full', 'the disk is full', { cause: thrown });
  return new HttpProblem('internal-error', 'the server could not answer; its log says why', { cause: thrown });
}

/** Express's own parsers and router throw errors with `status` and, from the parsers, `type`. */
function bodyParserProblem(thrown: unknown): HttpProblem | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown)) return undefined;
  if (thrown.status === 413) return new HttpProblem('payload-too-large', 'the body is too large', { cause: thrown });
  if (thrown.status === 400) return new HttpProblem('bad-request', 'the request cannot be read', { cause: thrown });
  return undefined;
}
