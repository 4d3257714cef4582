/** An answer by RFC 9457 from the API. */
class Problem extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
  }
}

let onSignedOut: () => void = () => undefined;
/** Called when an answer says that nobody is signed in. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** The server has said, on another way than an answer, that nobody is signed in. */
export function sayAnonymous(): void {
  onSignedOut();
}

/** One request to the API; `Body` is what its OpenAPI says. @throws Problem */
export async function api<Body>(
  path: string,
  options: {
    readonly method?: string;
    readonly body?: unknown;
    readonly signal?: AbortSignal;
    readonly keepalive?: boolean;
  } = {},
): Promise<Body> {
  const { method = 'GET', body, signal, keepalive = false } = options;
  const response = await fetch(`/api/v1${path}`, {
    method,
    keepalive,
    ...(signal === undefined ? {} : { signal }),
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  }).catch((thrown: unknown) => {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw problemOf(0, '', undefined);
  });
  if (response.status === 204) return undefined as Body;
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as Body;
  if (response.status === 401 && path !== '/session') onSignedOut();
  throw problemOf(response.status, response.statusText, answer);
}

/** Of an answer that is none of success; `status` 0: there was no answer. */
export function problemOf(status: number, statusText: string, answer: unknown): Error {
  if (status === 0) return new Problem(0, 'unreachable', 'The server cannot be reached.');
  const { code = 'internal-error', detail = statusText } = (answer ?? {}) as { code?: string; detail?: string };
  return new Problem(status, code, detail);
}

/** Query string of the parameters that are set. */
export function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && value !== '') search.set(name, value);
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** Nobody is signed in any more. */
export function isSignedOut(thrown: unknown): boolean {
  return thrown instanceof Problem && thrown.status === 401;
}

export function sayProblem(thrown: unknown): string {
  if (thrown instanceof Problem) {
    if (thrown.code === 'audit-write-failed') return 'Refused: this look cannot be put on record just now.';
    if (thrown.code === 'database-unavailable') return 'The database is away. Calls go on; try again shortly.';
    return thrown.message;
  }
  return 'Something failed on this page.';
}
