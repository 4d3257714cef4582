import type { AsrEvent } from '../types.ts';

/**
 * Holds a list of events against the contract in asr/types.ts and says where it is broken; empty when it is kept.
 * `finished`: whether every side must have come to its end.
 */
export function breaches(events: readonly AsrEvent[], finished = true): string[] {
  const bySide = Map.groupBy(events, (event) => `${event.callId} ${event.side}`);
  return [...bySide].flatMap(([side, list]) => sideBreaches(list, finished).map((breach) => `${side}: ${breach}`));
}

function sideBreaches(events: readonly AsrEvent[], finished: boolean): string[] {
  const found: string[] = [];
  const closed = new Set<string>();
  let open: string | undefined;
  /** Nothing may be told of what lies before. */
  let decidedMs = 0;
  let ended = false;
  let settled = false;
  let levelledMs = 0;
  let step = 'none';
  for (const event of events) {
    if (ended) found.push(`${event.type} after finished`);
    switch (event.type) {
      case 'partial':
        if (closed.has(event.segmentId)) found.push(`partial of ${event.segmentId} after its end`);
        if (open !== undefined && open !== event.segmentId) found.push(`${open} was left for ${event.segmentId}`);
        open = event.segmentId;
        if (event.words.length === 0) found.push('a partial without words');
        if (event.words.some((word) => word.endMs < decidedMs)) found.push('a partial of what is decided');
        break;
      case 'final':
      case 'no-words':
        if (closed.has(event.segmentId)) found.push(`${event.segmentId} ended twice`);
        if (open !== undefined && open !== event.segmentId) found.push(`${open} was left for ${event.segmentId}`);
        closed.add(event.segmentId);
        open = undefined;
        if (event.startMs < decidedMs) found.push(`${event.segmentId} begins before ${decidedMs}`);
        if (event.endMs < event.startMs) found.push(`${event.segmentId} ends before it begins`);
        if (event.type === 'final') found.push(...wordBreaches(event));
        decidedMs = event.endMs;
        break;
      case 'progress':
        if (event.decidedMs < decidedMs) found.push(`decided goes back from ${decidedMs} to ${event.decidedMs}`);
        if (event.heardMs < event.decidedMs) found.push('decided is past heard');
        decidedMs = event.decidedMs;
        break;
      case 'unheard':
        if (event.startMs < decidedMs) found.push(`unheard from ${event.startMs} although decided to ${decidedMs}`);
        decidedMs = event.endMs;
        break;
      case 'degraded':
        if (event.step === step) found.push(`${step} told twice`);
        step = event.step;
        break;
      case 'speakers':
        if (settled) found.push('speakers after they were settled');
        settled = event.settled;
        break;
      case 'sound':
        if (event.endMs < event.startMs) found.push(`${event.kind} ends before it begins`);
        break;
      case 'identical':
        if (event.of === event.side) found.push('identical with itself');
        break;
      case 'levels':
        if (event.levels.startMs < levelledMs) found.push(`levels twice from ${event.levels.startMs}`);
        levelledMs = event.levels.startMs + event.levels.levelDbfs.length * event.levels.stepMs;
        break;
      case 'finished':
        if (open !== undefined) found.push(`finished while ${open} is open`);
        ended = true;
        break;
    }
  }
  if (finished && !ended) found.push('never finished');
  return found;
}

function wordBreaches(event: AsrEvent & { readonly type: 'final' }): string[] {
  const found: string[] = [];
  if (event.words.length === 0) found.push('a final without words');
  let atMs = event.startMs;
  for (const word of event.words) {
    if (word.startMs < atMs || word.endMs < word.startMs) found.push(`words of ${event.segmentId} are out of order`);
    atMs = word.startMs;
  }
  if (atMs > event.endMs) found.push(`a word of ${event.segmentId} lies outside`);
  return found;
}
