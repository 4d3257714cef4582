import { batch, signal, type Signal } from '@preact/signals';
import type { Utterance } from '#analytics/types.ts';
import type { CallAnswer } from '../../../api/answers.ts';
import { api, sayProblem } from '../../client/api.ts';
import { withChanged } from '../../client/with-changed.ts';
import { hear, type Connection, type StreamMessage } from '../../client/live.ts';
import { withPartial, withUtterance, type Partial } from './utterance-lists.ts';

/** Everything that the call page shows, kept up by the live stream while the call runs. */
export interface CallModel {
  readonly view: Signal<CallAnswer | undefined>;
  readonly utterances: Signal<readonly Utterance[]>;
  readonly partials: Signal<readonly Partial[]>;
  readonly problem: Signal<string>;
  readonly connection: Signal<Connection | 'ended'>;
  /** What the server says of it now, after somebody changed it. */
  reload(): Promise<void>;
  close(): void;
}

export function openCall(callId: string): CallModel {
  const view = signal<CallAnswer | undefined>(undefined);
  const utterances = signal<readonly Utterance[]>([]);
  const partials = signal<readonly Partial[]>([]);
  const problem = signal('');
  const connection = signal<Connection | 'ended'>('connecting');
  const abort = new AbortController();
  let closeStream = (): void => undefined;

  const patch = (change: globalThis.Partial<CallAnswer>): void => {
    if (view.value !== undefined) view.value = { ...view.value, ...change };
  };
  const take = (message: StreamMessage): void => {
    switch (message.type) {
      case 'snapshot':
        utterances.value = [];
        partials.value = [];
        patch({ findings: [], redactions: [] });
        break;
      case 'replay':
        break;
      case 'call':
        patch(message.call);
        break;
      case 'partial':
        partials.value = withPartial(partials.value, message);
        break;
      case 'utterance':
        utterances.value = withUtterance(utterances.value, message.utterance);
        partials.value = partials.value.filter((partial) => partial.segmentId !== message.segmentId);
        break;
      case 'redaction':
        patch({
          redactions: withChanged(view.value?.redactions ?? [], message.redaction, (each) => each.redactionId),
        });
        break;
      case 'finding':
        patch({ findings: withChanged(view.value?.findings ?? [], message.finding, (each) => each.findingId) });
        break;
      case 'metrics':
        patch({ metrics: message.metrics });
        break;
      case 'end':
        closeStream();
        void load();
        break;
      default:
        message satisfies never;
    }
  };
  const load = async (): Promise<void> => {
    closeStream();
    const { signal: aborted } = abort;
    try {
      const fresh = await api<CallAnswer>(`/calls/${callId}`, { signal: aborted });
      if (fresh.live) {
        view.value = fresh;
        const stream = hear(`/calls/${callId}/events`, take);
        const stop = stream.connection.subscribe((state) => (connection.value = state));
        closeStream = () => {
          stream.close();
          stop();
        };
        return;
      }
      const transcript = await api<{ items: Utterance[] }>(`/calls/${callId}/transcript`, { signal: aborted });
      batch(() => {
        view.value = fresh;
        utterances.value = transcript.items;
        partials.value = [];
        connection.value = 'ended';
      });
    } catch (thrown) {
      if (!aborted.aborted) problem.value = sayProblem(thrown);
    }
  };
  void load();
  return {
    view,
    utterances,
    partials,
    problem,
    connection,
    reload: load,
    close: () => {
      abort.abort();
      closeStream();
    },
  };
}
