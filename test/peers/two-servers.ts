import { createHash } from 'node:crypto';
import { TestServer } from '../server.ts';
import type { Site } from './network.ts';

export const annsCredentials = { name: 'ann', password: 'correct-horse' };
// baresip 1.0 gives up where it is offered SHA-256 beside MD5: a user known by an MD5 HA1 keeps it at MD5.
const ha1 = createHash('md5').update('ann:sidetone:correct-horse').digest('hex');

/** Ports that no other server of this machine is on, whose phones might still be sending: strangers are counted. */
const firstRtpPort = 12_000 + (process.pid % 190) * 40;

/**
 * Two servers for the same three phones: one knows Ann by `sip.allow` and Bob by his trunk, the other knows Ann by name
 * and password. Neither knows Eve.
 */
export function startServers(ann: Site, bob: Site, eve: Site): readonly Promise<TestServer>[] {
  const byAddress = TestServer.start({
    yaml: JSON.stringify({
      sip: { host: '0.0.0.0', allow: [ann.address] },
      trunks: [{ name: 'bob', match: [`${bob.address}/32`] }],
      routes: [
        { match: '^ann$', to: `sip:ann@${ann.address}:5060;transport=tcp` },
        { match: '^bob$', to: `sip:bob@${bob.address}:5060` },
        { match: '^eve$', to: `sip:eve@${eve.address}:5060` },
      ],
      rtp: { ports: `${firstRtpPort}-${firstRtpPort + 39}` },
      asr: { processes: 1 },
    }),
  });
  const byName = TestServer.start({
    yaml: JSON.stringify({
      sip: { host: '0.0.0.0', digest: { users: [{ name: 'ann', ha1 }] } },
      routes: [{ to: `sip:bob@${bob.address}:5060` }],
      asr: { processes: 0 },
    }),
  });
  return [byAddress, byName];
}
