import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { delay, TestApp } from './testing/app.ts';

const absent = spawnSync('sipp', ['-v']).error !== undefined;

/** Exit status and what sipp counted. */
function sipp(
  directory: string,
  args: readonly string[],
): Promise<{ status: number; successful: number; failed: number }> {
  return new Promise((resolve) => {
    const options = { cwd: directory, timeout: 50_000, maxBuffer: 64 * 1024 * 1024 };
    execFile('sipp', [...args, '-nostdin', '-trace_stat', '-stf', 'stat.csv'], options, (error, stdout) => {
      const last = (name: string): number =>
        Number(
          new RegExp(`${name} call\\s+\\|\\s+\\d+\\s+\\|\\s+(\\d+)`, 'g').exec(
            stdout.slice(stdout.lastIndexOf(`${name} call`)),
          )?.[1],
        );
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, successful: last('Successful'), failed: last('Failed') });
    });
  });
}

describe.skipIf(absent)('sipp', () => {
  let app: TestApp;
  let directory: string;
  beforeEach(async () => {
    // sipp's own answering scenario takes a repeated INVITE for an error: a busy machine must not make us repeat one.
    app = await TestApp.start({ timers: { t1Ms: 2000 } });
    directory = await mkdtemp(join(tmpdir(), 'sidetone-sipp-'));
  });
  afterEach(async () => {
    await app.close();
    await rm(directory, { recursive: true });
  });

  test.each(['u1', 't1', 'tn'])('calls drachtio-srf on this engine, none fails: %s', async (transport) => {
    let ended = 0;
    app.on('invite', (request, response) => {
      response.send(180);
      void app.srf.createUAS(request, response, { localSdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n' }).then((dialog) => {
        return dialog.on('destroy', () => (ended += 1));
      });
    });
    const target = ['-sn', 'uac', '-t', transport, '-i', '127.0.0.1', `127.0.0.1:${app.port}`];
    const result = await sipp(directory, [...target, '-r', '150', '-m', '450', '-d', '100', '-max_socket', '200']);
    expect(result).toEqual({ status: 0, successful: 450, failed: 0 });
    expect(ended).toBe(450);
    expect(await app.metric('sidetone_sip_timeouts_total{kind="ack"}')).toBe(0);
  });

  test.each(['udp', 'tcp'])('is called by drachtio-srf on this engine: %s', async (transport) => {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const answering = sipp(directory, [
      '-sn',
      'uas',
      '-t',
      transport === 'udp' ? 'u1' : 't1',
      '-i',
      '127.0.0.1',
      '-p',
      String(port),
      '-m',
      '100',
    ]);
    await delay(500);
    const uri = `sip:service@127.0.0.1:${port};transport=${transport}`;
    const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n';
    for (let batch = 0; batch < 10; batch += 1) {
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const dialog = await app.srf.createUAC(uri, { localSdp: sdp });
          await dialog.destroy();
        }),
      );
    }
    expect(await answering).toMatchObject({ successful: 100, failed: 0 });
  });
});
