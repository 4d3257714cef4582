import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CaptureContents, CapturedCall, TalkSide } from '../types.ts';
import { CaptureFault } from './fault.ts';
import { readCapture } from './read-capture.ts';
import { pcap, pcapng } from './testing/capture-writer.ts';
import { Dialog, sdp, type Speaker } from './testing/dialog.ts';
import { linkFrames } from './testing/frames.ts';
import { Scene } from './testing/scene.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capture-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(bytes: Buffer): Promise<CaptureContents> {
  const path = join(folder, 'capture');
  await writeFile(path, bytes);
  return readCapture(path);
}

const ann: Speaker = { name: 'ann', sip: { ip: '192.0.2.1', port: 5060 }, media: { ip: '192.0.2.1', port: 4000 } };
const bob: Speaker = { name: 'bob', sip: { ip: '192.0.2.2', port: 5060 }, media: { ip: '192.0.2.2', port: 6000 } };

/** A call of one second: INVITE, ringing, answer, sound both ways, BYE by the callee. */
function plainCall(scene: Scene, atMs: number, callId = 'one@ann', caller = ann, callee = bob): Dialog {
  const dialog = new Dialog(callId, caller, callee);
  scene.at(atMs).udp(caller.sip, callee.sip, dialog.request('INVITE', { early: true, sdp: sdp(caller.media) }));
  scene.at(atMs + 50).udp(callee.sip, caller.sip, dialog.response(180, 'INVITE'));
  scene.at(atMs + 200).udp(callee.sip, caller.sip, dialog.response(200, 'INVITE', { sdp: sdp(callee.media) }));
  scene.at(atMs + 210).udp(caller.sip, callee.sip, dialog.request('ACK'));
  scene.at(atMs + 220).rtp(caller.media, callee.media, { packets: 50, ssrc: 0xa, fill: 1 });
  scene.at(atMs + 230).rtp(callee.media, caller.media, { packets: 50, ssrc: 0xb, fill: 2 });
  scene.at(atMs + 1300).udp(callee.sip, caller.sip, dialog.request('BYE', { by: 'callee' }));
  scene.at(atMs + 1310).udp(caller.sip, callee.sip, dialog.response(200, 'BYE', { asker: 'callee' }));
  return dialog;
}

/** The code that each side's samples are filled with, and how many packets there are of it. */
async function heard(call: CapturedCall | undefined): Promise<Record<TalkSide, Record<number, number>>> {
  const found: Record<TalkSide, Record<number, number>> = { caller: {}, callee: {} };
  let last = 0;
  for await (const item of call?.items() ?? []) {
    expect(item.atEpochMs).toBeGreaterThanOrEqual(last);
    last = item.atEpochMs;
    if (item.type !== 'rtp') continue;
    const fill = item.bytes[12] as number;
    found[item.side][fill] = (found[item.side][fill] ?? 0) + 1;
  }
  return found;
}

describe('one call in every format', () => {
  const scene = new Scene();
  plainCall(scene, 0);
  const expected = { caller: { 1: 50 }, callee: { 2: 50 } };
  const check = async ({ calls, counts }: CaptureContents): Promise<number> => {
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect(call).toMatchObject({
      sipCallIds: ['one@ann'],
      parties: [
        { side: 'caller', uri: 'sip:ann@example.com', displayName: 'ann' },
        { side: 'callee', uri: 'sip:bob@example.com' },
      ],
      startedEpochMs: Scene.startEpochMs,
      answeredEpochMs: Scene.startEpochMs + 200,
      endedEpochMs: Scene.startEpochMs + 1300,
      termination: { result: 'completed', reason: 'callee-hung-up', sipStatus: null },
      notes: [],
    });
    expect(await heard(call)).toEqual(expected);
    expect(counts).toMatchObject({ truncatedRecords: 0, malformedPackets: 0, strayRtpPackets: 0, sipMessages: 6 });
    return calls.length;
  };

  for (const link of Object.keys(linkFrames)) {
    const linkType = linkFrames[link]?.linkType ?? 1;
    test(`${link}, pcap`, async () => {
      expect(await check(await read(pcap(scene.frames(link), { linkType })))).toBe(1);
    });
  }
  for (const little of [true, false]) {
    for (const nanoseconds of [true, false]) {
      test(`pcap, ${little ? 'little' : 'big'} endian, ${nanoseconds ? 'ns' : 'us'}`, async () => {
        expect(await check(await read(pcap(scene.frames(), { linkType: 1, little, nanoseconds })))).toBe(1);
      });
    }
    test.each([undefined, 3, 6, 9, 0x80 | 20])(
      `pcapng, ${little ? 'little' : 'big'} endian, resolution %s`,
      async (resolution) => {
        const face = { linkType: 1, ...(resolution !== undefined && { resolution }) };
        const { calls, counts } = await read(pcapng(scene.frames(), { interfaces: [face], little }));
        // 2^-20 s is no whole number of ms.
        if (resolution !== (0x80 | 20)) await check({ calls, counts });
        expect(calls[0]?.answeredEpochMs).toBeCloseTo(Scene.startEpochMs + 200, 2);
      },
    );
  }
});

describe('what a network does to a capture', () => {
  const open = { link: 'ethernet', linkType: 1 };
  const readScene = (scene: Scene): Promise<CaptureContents> => read(pcap(scene.frames(open.link), open));

  test('SIP in fragments, out of order and one of them twice', async () => {
    const scene = new Scene();
    const dialog = new Dialog('cut@ann', ann, bob);
    const long = ['X-Long: '.padEnd(900, 'x')];
    const shuffle = (pieces: Buffer[]): Buffer[] => [...pieces.toReversed(), ...pieces.slice(0, 1)];
    scene.fragmented(
      ann.sip,
      bob.sip,
      dialog.request('INVITE', { early: true, headers: long, sdp: sdp(ann.media) }),
      shuffle,
    );
    scene.at(100).fragmented(bob.sip, ann.sip, dialog.response(200, 'INVITE', { headers: long, sdp: sdp(bob.media) }));
    scene.at(200).rtp(ann.media, bob.media, { packets: 20, ssrc: 1, fill: 1 });
    scene.rtp(bob.media, ann.media, { packets: 20, ssrc: 2, fill: 2 });
    const { calls } = await readScene(scene);
    expect(await heard(calls[0])).toEqual({ caller: { 1: 20 }, callee: { 2: 20 } });
    expect(calls[0]).toMatchObject({ termination: { reason: 'file-ended' }, notes: ['capture-ended-first'] });
  });

  test('SIP over TCP: cut anywhere, out of order, sent again, begun in mid-stream', async () => {
    const scene = new Scene();
    const dialog = new Dialog('tcp@ann', ann, bob);
    const there = Buffer.from(
      `tail of what came before\r\n${dialog.request('INVITE', { early: true, sdp: sdp(ann.media) })}`,
    );
    const back = Buffer.from(dialog.response(200, 'INVITE', { sdp: sdp(bob.media) }));
    const from = 0xffff_ff00;
    const cuts = [0, 90, 200, 350, there.length];
    for (const index of [0, 2, 1, 1, 3]) {
      const at = cuts[index] as number;
      scene.tcp(ann.sip, bob.sip, there.subarray(at, cuts[index + 1]), { sequence: from + at });
    }
    scene.at(100).tcp(bob.sip, ann.sip, back, { sequence: 7 });
    scene.at(200).rtp(ann.media, bob.media, { packets: 20, ssrc: 1, fill: 1 });
    const { calls, counts } = await readScene(scene);
    expect(counts).toMatchObject({ sipMessages: 2, tcpGaps: 0 });
    expect(calls[0]).toMatchObject({ sipCallIds: ['tcp@ann'], notes: ['one-sided', 'capture-ended-first'] });
    expect(await heard(calls[0])).toEqual({ caller: { 1: 20 }, callee: {} });
  });

  test('calls at once, one refused, one cancelled', async () => {
    const scene = new Scene();
    plainCall(scene, 0);
    const at = (speaker: Speaker, port: number): Speaker => ({ ...speaker, media: { ...speaker.media, port } });
    plainCall(scene, 300, 'two@ann', at(ann, 4002), at(bob, 6002));
    for (const [callId, status] of [
      ['busy@ann', 486],
      ['gone@ann', 487],
    ] as const) {
      const dialog = new Dialog(callId, ann, bob);
      scene.at(400).udp(ann.sip, bob.sip, dialog.request('INVITE', { early: true }));
      if (status === 487) scene.at(410).udp(ann.sip, bob.sip, dialog.request('CANCEL', { early: true }));
      scene.at(450).udp(bob.sip, ann.sip, dialog.response(status, 'INVITE'));
    }
    const { calls } = await readScene(scene);
    const ends = calls.map(({ sipCallIds, termination }) => [sipCallIds[0], termination.reason]);
    expect(Object.fromEntries(ends)).toEqual({
      'busy@ann': 'callee-busy',
      'gone@ann': 'caller-cancelled',
      'one@ann': 'callee-hung-up',
      'two@ann': 'callee-hung-up',
    });
    for (const call of calls.filter(({ streams }) => streams.length > 0)) {
      expect(await heard(call)).toEqual({ caller: { 1: 50 }, callee: { 2: 50 } });
    }
  });

  test('a caller behind NAT, and RTP that nothing signals', async () => {
    const scene = new Scene();
    const dialog = new Dialog('nat@ann', ann, bob);
    const home = { ip: '192.168.1.5', port: 4000 };
    const seen = { ip: '203.0.113.9', port: 40_123 };
    scene.udp(seen, bob.sip, dialog.request('INVITE', { early: true, sdp: sdp(home) }));
    scene.at(100).udp(bob.sip, seen, dialog.response(200, 'INVITE', { sdp: sdp(bob.media) }));
    scene.at(200).rtp(seen, bob.media, { packets: 20, ssrc: 1, fill: 1 });
    scene.rtp(bob.media, seen, { packets: 20, ssrc: 2, fill: 2 });
    const [one, two] = [
      { ip: '198.51.100.1', port: 9000 },
      { ip: '198.51.100.2', port: 9100 },
    ];
    scene.at(300).rtp(one, two, { packets: 20, ssrc: 3, fill: 3, payloadType: 8 });
    scene.rtp(two, one, { packets: 20, ssrc: 4, fill: 4, payloadType: 8 });
    const { calls } = await readScene(scene);
    expect(calls).toHaveLength(2);
    expect(await heard(calls[0])).toEqual({ caller: { 1: 20 }, callee: { 2: 20 } });
    expect(await heard(calls[1])).toEqual({ caller: { 3: 20 }, callee: { 4: 20 } });
    expect(calls[1]).toMatchObject({ sipCallIds: [], notes: ['no-signalling', 'capture-ended-first'] });
  });
});

describe('broken files', () => {
  const scene = new Scene();
  plainCall(scene, 0);
  const whole = pcap(scene.frames(), { linkType: 1 });

  test('cut in the last record: read as far as it goes, and said', async () => {
    const { calls, counts } = await read(whole.subarray(0, -5));
    expect(counts.truncatedRecords).toBe(1);
    expect(calls).toHaveLength(1);
  });

  test('refused with the place of the fault', async () => {
    const broken = Buffer.from(whole);
    broken.writeUInt32LE(0x7fff_ffff, 24 + 8);
    await expect(read(broken)).rejects.toMatchObject({ code: 'unsupported-audio', offsetBytes: 24 });
    await expect(read(Buffer.from('RIFF and more that is no capture'))).rejects.toMatchObject({ offsetBytes: 0 });
  });

  test('any bytes changed anywhere: read, or refused as a fault', { timeout: 60_000 }, async () => {
    const ng = pcapng(scene.frames(), { interfaces: [{ linkType: 1 }] });
    const changes = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), changes, async (isNg, list) => {
        const bytes = Buffer.from(isNg ? ng : whole);
        for (const [where, value] of list) bytes[Math.floor(where * bytes.length)] = value;
        try {
          for (const call of (await read(bytes)).calls)
            for await (const item of call.items()) expect(item.side).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(CaptureFault);
        }
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) },
    );
  });

  test('a clock that was set within a call is refused with the place: years of silence would be played', async () => {
    const before = new Scene();
    const dialog = plainCall(before, 0);
    const yearMs = 365 * 24 * 3_600_000;
    const later = new Scene();
    later.at(yearMs).udp(ann.sip, bob.sip, dialog.request('INVITE', { sdp: sdp(ann.media) }));
    later.at(yearMs + 100).rtp(ann.media, bob.media, { packets: 50, ssrc: 0xa, fill: 1 });
    const frames = before.frames().slice(0, -2);
    await expect(read(pcap([...frames, ...later.frames()], { linkType: 1 }))).rejects.toMatchObject({
      code: 'unsupported-audio',
      offsetBytes: expect.any(Number) as number,
      message: expect.stringContaining('sound goes on after 8759 hours') as string,
    });
  });

  test('a device that numbers its streams alike makes a call a day, not one of days', async () => {
    const days = new Scene();
    const dayMs = 24 * 3_600_000;
    for (const day of [0, 1, 2]) days.at(day * dayMs).rtp(ann.media, bob.media, { packets: 50, ssrc: 0xa, fill: 1 });
    const { calls } = await read(pcap(days.frames(), { linkType: 1 }));
    expect(calls.map(({ startedEpochMs, endedEpochMs }) => endedEpochMs - startedEpochMs)).toEqual([980, 980, 980]);
  });
});
