import { createSocket } from 'node:dgram';

/** Opens as many UDP ports as it is told, tells which, and counts what comes: the least that a receiver in Node must do. */
let packets = 0;

process.on('message', (request: { readonly open?: number }) => {
  if (request.open === undefined) process.send?.({ packets });
  else void open(request.open);
});

async function open(count: number): Promise<void> {
  const ports: number[] = [];
  for (let index = 0; index < count; index++) {
    const socket = createSocket('udp4');
    socket.on('message', () => packets++);
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    ports.push(socket.address().port);
  }
  process.send?.({ ports });
}
