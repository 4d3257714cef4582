import { HttpProblem } from '../http/problems.ts';
import type { CallControl } from '../types.ts';
import type { ApiContext } from './context.ts';

/** @throws HttpProblem `not-ready` while the server starts */
export function signalling(context: ApiContext): CallControl {
  const control = context.calls();
  if (control === undefined) throw new HttpProblem('not-ready', 'signalling is not open yet: the server is starting');
  return control;
}
