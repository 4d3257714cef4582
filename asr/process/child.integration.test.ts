import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { engineSettings } from '../testing/engine-settings.ts';
import type { ChildMessage, ParentMessage } from './messages.ts';

it('a recogniser process closes a connection that sends no frames, and exits when its parent is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'asr-child-'));
  const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), [], { execArgv: [] });
  const socketPath = join(folder, 'a.sock');
  const messages: ChildMessage[] = [];
  child.on('message', (message) => messages.push(message as ChildMessage));
  child.send({
    type: 'start',
    socketPath,
    waiting: { memoryS: 600, spoolFolder: folder, spoolBytes: 0 },
    engine: engineSettings(folder),
    speakers: { diarize: 'mixed' },
  } satisfies ParentMessage);
  await once(child, 'message');
  expect(messages).toEqual([{ type: 'listening' }]);
  const socket = connect(socketPath);
  socket.write(Buffer.alloc(64, 0xff));
  socket.resume();
  await once(socket, 'close');
  child.disconnect();
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
  rmSync(folder, { recursive: true });
});
