export type TransportName = 'udp' | 'tcp';

/** One address to send to. */
export interface Hop {
  readonly transport: TransportName;
  readonly address: string;
  readonly port: number;
}

/**
 * The way to and from one peer: a TCP connection, or for UDP our socket with the peer's address and port. What is
 * written in Via and Contact for this peer is `localAddress` and `localPort`.
 */
export interface Flow {
  readonly transport: TransportName;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  /** Where we listen, not the ephemeral port of a connection that we opened. */
  readonly localPort: number;
  /** False once a connection is gone; UDP is always there. */
  readonly alive: boolean;
  /** `failed` is called at most once and later, when the bytes could not be handed to the network. */
  send(bytes: Buffer, failed?: () => void): void;
  /** Nothing came back for this long, though it should have: a connection that was silent all the while is let go. */
  doubt(silentMs: number): void;
  /** Calls once when the connection is gone (never for UDP). Returns the function that unsubscribes. */
  onClose(listener: () => void): () => void;
}

/** What transports tell the engine. Nothing here may throw. */
export interface TransportEvents {
  message(bytes: Buffer, flow: Flow): void;
  sent(bytes: Buffer, flow: Flow): void;
  count(what: TransportCount, transport: TransportName): void;
}
type TransportCount = 'keepalive' | 'send-failed' | 'unframeable' | 'connection-refused' | 'receive-failed';
