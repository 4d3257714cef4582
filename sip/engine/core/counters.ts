import type { Metrics } from '#lib/metrics.ts';

type StrayKind = 'response' | 'ack' | 'cancel' | 'prack';

/** The engine's series. Labels are enumerations of ours, never text from the wire. */
export interface Counters {
  received(kind: 'request' | 'response', transport: string): void;
  sent(kind: 'request' | 'response', transport: string): void;
  retransmitted(): void;
  absorbed(): void;
  malformed(why: string): void;
  stray(kind: StrayKind): void;
  refused(status: number): void;
  timeout(kind: 'request' | 'ack' | 'prack' | 'cancel'): void;
  transport(what: string, transport: string): void;
  /** A 2xx that nobody wanted was acknowledged and ended with BYE. */
  unwantedAnswer(): void;
  sessionExpired(): void;
  sizes(sizes: { readonly dialogs: number; readonly transactions: number; readonly connections: number }): void;
}

export function createCounters(metrics: Metrics): Counters {
  const messages = metrics.counter('sidetone_sip_messages_total', 'SIP messages', ['direction', 'kind', 'transport']);
  const retransmissions = metrics.counter('sidetone_sip_retransmissions_total', 'Messages sent again by a timer');
  const absorbed = metrics.counter('sidetone_sip_absorbed_total', 'Requests received again and absorbed');
  const malformed = metrics.counter('sidetone_sip_malformed_total', 'Messages that could not be parsed', ['why']);
  const strays = metrics.counter('sidetone_sip_strays_total', 'Messages that belong to nothing known', ['kind']);
  const refused = metrics.counter(
    'sidetone_sip_protocol_refusals_total',
    'Requests that the SIP engine answered by itself, for their form or state: malformed, no such dialog, merged ...',
    ['status'],
  );
  const timeouts = metrics.counter('sidetone_sip_timeouts_total', 'Waits that ended without an answer', ['kind']);
  const transport = metrics.counter('sidetone_sip_transport_total', 'Events of sockets', ['what', 'transport']);
  const unwanted = metrics.counter('sidetone_sip_unwanted_answers_total', 'Second or late 2xx ended with BYE');
  const expired = metrics.counter('sidetone_sip_sessions_expired_total', 'Dialogs ended by RFC 4028');
  const dialogCount = metrics.gauge('sidetone_sip_dialogs', 'Dialogs alive');
  const transactionCount = metrics.gauge('sidetone_sip_transactions', 'Transactions alive');
  const connectionCount = metrics.gauge('sidetone_sip_connections', 'TCP connections open');
  return {
    received: (kind, over) => messages.add(1, { direction: 'in', kind, transport: over }),
    sent: (kind, over) => messages.add(1, { direction: 'out', kind, transport: over }),
    retransmitted: () => retransmissions.add(),
    absorbed: () => absorbed.add(),
    malformed: (why) => malformed.add(1, { why }),
    stray: (kind) => strays.add(1, { kind }),
    refused: (status) => refused.add(1, { status: String(status) }),
    timeout: (kind) => timeouts.add(1, { kind }),
    transport: (what, over) => transport.add(1, { what, transport: over }),
    unwantedAnswer: () => unwanted.add(),
    sessionExpired: () => expired.add(),
    sizes: ({ dialogs, transactions, connections }) => {
      dialogCount.set(dialogs);
      transactionCount.set(transactions);
      connectionCount.set(connections);
    },
  };
}
