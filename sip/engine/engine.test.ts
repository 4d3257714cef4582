import { afterEach, expect, test } from 'vitest';
import Srf from 'drachtio-srf';
import { createMetrics } from '#lib/metrics.ts';
import { silentLogger } from '#lib/log.ts';
import { startSipEngine, type SipEngine } from './engine.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function app(): Promise<{ srf: Srf; engine: SipEngine; uri: string }> {
  const engine = await startSipEngine({
    host: '127.0.0.1',
    port: 0,
    transports: ['udp', 'tcp'],
    logger: silentLogger,
    metrics: createMetrics(),
    timers: { t1Ms: 50 },
  });
  closing.push(() => engine.close());
  const srf = new Srf();
  srf.connect(engine.control);
  await new Promise<void>((resolve, reject) => {
    srf.on('connect', (error: unknown) => (error ? reject(error) : resolve()));
    srf.on('error', () => undefined);
  });
  closing.push(() => srf.disconnect());
  const [first] = engine.bindings;
  return { srf, engine, uri: `sip:bob@127.0.0.1:${first?.port}` };
}

test.each(['', ';transport=tcp'])('calls through%s', async (suffix) => {
  const callee = await app();
  const caller = await app();
  callee.srf.invite((req: any, res: any) => {
    res.send(180);
    callee.srf.createUAS(req, res, { localSdp: 'v=0\r\nbéé' }).then((dialog: any) => {
      dialog.on('info', (_req: unknown, infoRes: any) => infoRes.send(200, { body: 'hi' }));
      dialog.on('modify', (req2: any, res2: any) => res2.send(200, { body: req2.body }));
      setTimeout(() => dialog.destroy(), 300);
    });
  });
  const dialog: any = await caller.srf.createUAC(callee.uri + suffix, { localSdp: 'v=0\r\nüü' } as any);
  expect(dialog.remote.sdp).toBe('v=0\r\nbéé');
  const info = await dialog.request({ method: 'INFO', body: 'x' });
  expect(info.status).toBe(200);
  expect(info.body).toBe('hi');
  await dialog.modify('v=0\r\nnew');
  await new Promise((resolve) => dialog.on('destroy', resolve));
});
