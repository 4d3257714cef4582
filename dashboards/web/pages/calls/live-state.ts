import type { Call, LiveEvent } from '#analytics/types.ts';
import type { StreamMessage } from '../../client/live.ts';

export interface LiveCall {
  readonly call: Call;
  /** What each side said last, or is saying. */
  readonly caller: LastWords;
  readonly callee: LastWords;
}
export interface LastWords {
  readonly text: string;
  readonly partial: boolean;
}
export type LiveBoard = ReadonlyMap<string, LiveCall>;

const silent: LastWords = { text: '', partial: false };

/** The board of running calls after one more message. */
export function withMessage(board: LiveBoard, message: StreamMessage): LiveBoard {
  switch (message.type) {
    case 'snapshot':
      return new Map();
    case 'call': {
      const known = board.get(message.call.callId);
      return set(board, { caller: silent, callee: silent, ...known, call: message.call });
    }
    case 'partial':
    case 'utterance':
      return withWords(board, message);
    case 'end': {
      const next = new Map(board);
      next.delete(message.callId);
      return next;
    }
    case 'replay':
    case 'redaction':
    case 'finding':
    case 'metrics':
      return board;
    default:
      return message satisfies never;
  }
}

function withWords(board: LiveBoard, message: Extract<LiveEvent, { type: 'partial' | 'utterance' }>): LiveBoard {
  const known = board.get(message.callId);
  const side = message.type === 'partial' ? message.side : message.utterance.side;
  if (known === undefined || (side !== 'caller' && side !== 'callee')) return board;
  if (message.type === 'utterance')
    return set(board, { ...known, [side]: { text: message.utterance.text, partial: false } });
  if (message.words.length === 0) return board;
  return set(board, { ...known, [side]: { text: message.words.map((word) => word.text).join(' '), partial: true } });
}

function set(board: LiveBoard, live: LiveCall): LiveBoard {
  return new Map(board).set(live.call.callId, live);
}
