import { problemOf, sayAnonymous } from '../../client/api.ts';
import type { TakenItem } from './handed-in.tsx';

export interface Sent {
  readonly name: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
}

/**
 * Hands files in. XMLHttpRequest, because fetch does not tell how much of a body has gone.
 * @throws Problem
 */
export function upload(
  fields: FormData,
  onSent: (sent: Omit<Sent, 'name'>) => void,
  signal: AbortSignal,
): Promise<{ readonly items: readonly TakenItem[] }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly items: readonly TakenItem[] }>();
  const request = new XMLHttpRequest();
  request.open('POST', '/api/v1/ingest');
  request.responseType = 'json';
  request.upload.addEventListener('progress', ({ loaded, total }) => onSent({ sentBytes: loaded, totalBytes: total }));
  request.addEventListener('load', () => {
    const answer: unknown = request.response;
    if (request.status === 401) sayAnonymous();
    if (request.status < 300) resolve(answer as { readonly items: readonly TakenItem[] });
    else reject(problemOf(request.status, request.statusText, answer));
  });
  for (const failure of ['error', 'abort'])
    request.addEventListener(failure, () => reject(problemOf(0, '', undefined)));
  signal.addEventListener('abort', () => request.abort());
  onSent({ sentBytes: 0, totalBytes: 0 });
  request.send(fields);
  return promise;
}
