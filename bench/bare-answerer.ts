/** The least that drachtio-srf can do on our engine: answers every INVITE. Prints its SIP port; runs until killed. */
import Srf from 'drachtio-srf';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { phoneSdp } from '../cli/softphone/sdp.ts';
import { startSipEngine } from '../sip/engine/engine.ts';

const engine = await startSipEngine({
  host: '127.0.0.1',
  port: 0,
  transports: ['udp'],
  logger: silentLogger,
  metrics: createMetrics(),
});
const srf = new Srf();
await srf.connect(engine.control);
srf.invite((req, res) => {
  srf
    .createUAS(req, res, { localSdp: phoneSdp('127.0.0.1', 4000, 'pcmu') })
    .then((dialog) => dialog.on('destroy', () => undefined))
    .catch(() => undefined);
});
process.stdout.write(`${engine.bindings[0]?.port ?? 0}\n`);
