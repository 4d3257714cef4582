import type { Call, Finding, LiveEvent } from '#analytics/types.ts';
import type { PartySide } from '#sip/types.ts';
import type { StreamMessage } from '../../client/live.ts';
import { withChanged } from '../../client/with-changed.ts';

export interface LiveCall {
  readonly call: Call;
  /** What each side said last, or is saying. */
  readonly said: Readonly<Partial<Record<PartySide, LastWords>>>;
  readonly findings: readonly Finding[];
}
export interface LastWords {
  readonly text: string;
  readonly partial: boolean;
}
export type LiveBoard = ReadonlyMap<string, LiveCall>;

/** The board of running calls after one more message. */
export function withMessage(board: LiveBoard, message: StreamMessage): LiveBoard {
  switch (message.type) {
    case 'snapshot':
      return new Map();
    case 'call': {
      const known = board.get(message.call.callId);
      return set(board, { said: {}, findings: [], ...known, call: message.call });
    }
    case 'partial':
    case 'utterance':
      return withWords(board, message);
    case 'end': {
      const next = new Map(board);
      next.delete(message.callId);
      return next;
    }
    case 'finding': {
      const known = board.get(message.callId);
      return known === undefined
        ? board
        : set(board, { ...known, findings: withChanged(known.findings, message.finding, (each) => each.findingId) });
    }
    case 'replay':
    case 'redaction':
    case 'metrics':
      return board;
    default:
      return message satisfies never;
  }
}

function withWords(board: LiveBoard, message: Extract<LiveEvent, { type: 'partial' | 'utterance' }>): LiveBoard {
  const known = board.get(message.callId);
  if (known === undefined) return board;
  if (message.type === 'utterance') {
    const { side, text } = message.utterance;
    return set(board, { ...known, said: { ...known.said, [side]: { text, partial: false } } });
  }
  if (message.words.length === 0) return board;
  const text = message.words.map((word) => word.text).join(' ');
  return set(board, { ...known, said: { ...known.said, [message.side]: { text, partial: true } } });
}

function set(board: LiveBoard, live: LiveCall): LiveBoard {
  return new Map(board).set(live.call.callId, live);
}
