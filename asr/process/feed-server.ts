import { once as onceEvent } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { audioChannels, AudioFeedDecoder, type AudioFeedFrame } from '#lib/audio-feed.ts';
import { once } from '#lib/closing.ts';
import type { ChannelSide } from '#sip/types.ts';

export interface FeedTarget {
  frame(callId: string, side: ChannelSide, frame: AudioFeedFrame): void;
  /** The connection over which the channel's audio came is gone. */
  cut(callId: string, side: ChannelSide): void;
  malformed(): void;
}

export interface FeedServer {
  close(): Promise<void>;
}

/** Takes the audio of media workers from a Unix socket (frames: lib/audio-feed.ts). */
export async function listenForFeed(socketPath: string, target: FeedTarget): Promise<FeedServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket, target, () => sockets.delete(socket));
  });
  server.listen(socketPath);
  await onceEvent(server, 'listening');
  return {
    close: once(async () => {
      const closed = closeServer(server);
      for (const socket of sockets) socket.destroy();
      await closed;
    }),
  };
}

function serve(socket: Socket, target: FeedTarget, onClosed: () => void): void {
  const decoder = new AudioFeedDecoder();
  /** Channels whose audio comes over this connection: call ids, by channel. */
  const carried = audioChannels.map((side) => ({ side, callIds: new Set<string>() }));
  socket.on('data', (chunk) => {
    try {
      for (const frame of decoder.push(chunk)) {
        const channel = carried[frame.channel];
        if (channel === undefined) continue;
        if (frame.kind === 'end') channel.callIds.delete(frame.callId);
        else channel.callIds.add(frame.callId);
        target.frame(frame.callId, channel.side, frame);
      }
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      target.malformed();
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    onClosed();
    for (const { side, callIds } of carried) for (const callId of callIds) target.cut(callId, side);
  });
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
