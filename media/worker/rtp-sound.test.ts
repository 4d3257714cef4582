import { expect, test, vi } from 'vitest';
import { emptyRtpView, readRtp } from '../rtp/packet.ts';
import { rtpPacket } from '../testing/packets.ts';
import { CallSound, type CallContext } from './call-sound.ts';
import { zeroCounters } from './counters.ts';
import { RtpSound } from './rtp-sound.ts';
import { StallWatch } from './stall-watch.ts';

/** Without the types of a browser Node's own has none. */
const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: { instantiate: () => unknown } };

const context: CallContext = {
  emit: () => undefined,
  failed: () => undefined,
  counters: zeroCounters(),
  stalls: new StallWatch(),
  rtpTimeoutMs: 60_000,
  silentAfterMs: 8000,
  pauseCodes: undefined,
};

test('a sender that names another source in each packet gets no decoder for each', async () => {
  const instances = vi.spyOn(wasm, 'instantiate');
  const sound = new RtpSound('caller', new CallSound('a', undefined, context));
  sound.apply([{ payloadType: 111, carries: 'opus', clockRateHz: 48_000 }]);
  const view = emptyRtpView();
  // 20 ms of silence in CELT (RFC 6716 section 3.1).
  const payload = Buffer.from([0xf8, 0xff, 0xfe]);
  for (let n = 0; n < 200; n++) {
    const bytes = rtpPacket({ type: 111, sequence: n, timestamp: 960 * n, ssrc: n, payload });
    expect(readRtp(bytes, view)).toBe(true);
    const kind = sound.kinds[111] as number;
    expect(sound.hear(kind, bytes, view, sound.timestamp(view), 20 * n)).toBe('heard');
  }
  sound.close();
  await vi.waitFor(() => expect(instances).toHaveBeenCalled());
  await new Promise((resolve) => {
    setTimeout(resolve, 300);
  });
  expect(instances.mock.calls.length).toBeLessThanOrEqual(9);
  instances.mockRestore();
});
