import { beforeEach, describe, expect, test } from 'vitest';
import { SourceLock, takeoverPackets, takeoverSilenceMs } from './source-lock.ts';

const near = '192.0.2.1';
const far = '198.51.100.7';
const stranger = '203.0.113.9';
const remote = { address: near, rtpPort: 4000, rtcpPort: 4001 };

let lock: SourceLock;
beforeEach(() => {
  lock = new SourceLock();
  lock.apply({ remote, acceptedAddresses: [near, far] }, 0);
});

/** Packets from a source, one every 20 ms; returns how many were heard. */
function send(
  address: string,
  port: number,
  packets: number,
  fromMs: number,
  onHold = false,
  firstSequence = 100,
): number {
  let heard = 0;
  for (let i = 0; i < packets; i++) {
    if (lock.hears(address, port, (firstSequence + i) & 0xffff, fromMs + 20 * i, onHold)) heard++;
  }
  return heard;
}

test('nothing is heard before signalling has said anything', () => {
  expect(new SourceLock().hears(near, 4000, 1, 0, false)).toBe(false);
});

test('the first accepted packet locks, from any port; strangers never do', () => {
  expect(send(stranger, 4000, 30, 0)).toBe(0);
  expect(lock.locked).toBe(false);
  expect(send(far, 50_000, 1, 700)).toBe(1);
  expect([lock.address, lock.port]).toEqual([far, 50_000]);
});

describe('once locked', () => {
  beforeEach(() => {
    send(near, 4000, 1, 0);
  });

  test('another accepted source is refused while the locked one sends', () => {
    let heard = 0;
    for (let i = 0; i < 100; i++) {
      lock.hears(near, 4000, i, 20 * i, false);
      if (lock.hears(far, 6000, i, 20 * i, false)) heard++;
    }
    expect(heard).toBe(0);
  });

  test('it takes over after 500 ms of silence and ten packets in sequence', () => {
    expect(send(far, 6000, takeoverPackets - 1, takeoverSilenceMs)).toBe(0);
    expect(send(far, 6000, 1, takeoverSilenceMs + 200, false, 100 + takeoverPackets - 1)).toBe(1);
    expect(lock.address).toBe(far);
  });

  test('ten packets within the 500 ms are not enough', () => {
    expect(send(far, 6000, 20, 0)).toBe(0);
  });

  test('out of sequence they are not enough, across the wrap they are', () => {
    for (let i = 0; i < 40; i++) expect(lock.hears(far, 6000, 2 * i, 600 + 20 * i, false)).toBe(false);
    expect(send(far, 6000, takeoverPackets, 2000, false, 65_530)).toBe(1);
  });

  test('never during hold', () => {
    expect(send(far, 6000, 100, 600, true)).toBe(0);
    expect(lock.address).toBe(near);
  });

  test('an address that is not accepted never takes over', () => {
    expect(send(stranger, 4000, 100, 600)).toBe(0);
  });

  test('a signalled change applies at once, on hold too, and the old source does not win the race', () => {
    lock.apply({ remote: { address: near, rtpPort: 7000, rtcpPort: 7001 }, acceptedAddresses: [near] }, 1000);
    expect(lock.hears(near, 4000, 2, 1001, true)).toBe(false);
    expect(lock.hears(near, 7000, 1, 1002, true)).toBe(true);
    expect(lock.port).toBe(7000);
  });

  test('a refresh that names the same remote leaves the lock alone', () => {
    send(far, 50_000, takeoverPackets, 600);
    lock.apply({ remote, acceptedAddresses: [near, far] }, 1000);
    expect([lock.locked, lock.address]).toEqual([true, far]);
  });

  test('an old source that goes on after a signalled change comes back as any other would', () => {
    lock.apply({ remote: { address: near, rtpPort: 7000, rtcpPort: 7001 }, acceptedAddresses: [near] }, 1000);
    expect(send(near, 4000, 25, 1000)).toBe(0);
    expect(send(near, 4000, 1, 1500, false, 125)).toBe(1);
  });
});
