import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CaptureContents, CapturedCall, TalkSide } from '../types.ts';
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
  const check = async ({ calls, counts }: CaptureContents): Promise<void> => {
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
  };

  for (const link of Object.keys(linkFrames)) {
    const linkType = linkFrames[link]?.linkType ?? 1;
    test(`${link}, pcap`, async () => {
      await check(await read(pcap(scene.frames(link), { linkType })));
    });
  }
  for (const little of [true, false]) {
    for (const nanoseconds of [true, false]) {
      test(`pcap, ${little ? 'little' : 'big'} endian, ${nanoseconds ? 'ns' : 'us'}`, async () => {
        await check(await read(pcap(scene.frames(), { linkType: 1, little, nanoseconds })));
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
