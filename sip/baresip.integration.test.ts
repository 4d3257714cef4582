import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownAddress as own } from '#test/own-address.ts';
import { openBench } from './testing/bench.ts';
import { RawUa } from './testing/raw-ua.ts';

const modulePath = '/usr/lib/baresip/modules';
const hasBaresip = spawnSync('baresip', ['-h']).error === undefined;

interface Phone {
  readonly port: number;
  readonly child: ChildProcess;
}

/** Ten seconds of 400 Hz: 8 kHz, mono, 16 bits. */
function toneWav(): Buffer {
  const samples = 80_000;
  const wav = Buffer.alloc(44 + 2 * samples);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + 2 * samples, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(16_000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(2 * samples, 40);
  for (let index = 0; index < samples; index += 1) {
    wav.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 400 * index) / 8000)), 44 + 2 * index);
  }
  return wav;
}

/** A phone that plays a tone, answers by itself, and does what it is told at its start. */
async function phone(folder: string, name: string, command?: string): Promise<Phone> {
  const ua = await RawUa.open(own);
  const { port } = ua;
  await ua.close();
  const home = join(folder, name);
  await mkdir(home);
  await writeFile(
    join(home, 'config'),
    [
      'poll_method epoll',
      `sip_listen ${own}:${port}`,
      `audio_source aufile,${join(home, 'tone.wav')}`,
      `audio_player aufile,${join(home, 'heard.wav')}`,
      `audio_alert aufile,${join(home, 'alert.wav')}`,
      `module_path ${modulePath}`,
      ...['stdio', 'g711', 'aufile'].map((module) => `module ${module}.so`),
      ...['uuid', 'account'].map((module) => `module_tmp ${module}.so`),
      'module_app menu.so',
      '',
    ].join('\n'),
  );
  await writeFile(join(home, 'accounts'), `<sip:${name}@${own}>;regint=0;answermode=auto\n`);
  await writeFile(join(home, 'contacts'), '');
  await writeFile(join(home, 'tone.wav'), toneWav());
  const args = ['-f', home, ...(command === undefined ? [] : ['-e', command])];
  return { port, child: spawn('baresip', args, { stdio: ['pipe', 'ignore', 'ignore'] }) };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!condition() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(condition()).toBe(true);
}

test.skipIf(!hasBaresip || own === undefined)('baresip calls baresip through the server, sound both ways', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sidetone-baresip-'));
  const phones: Phone[] = [];
  const callee = await phone(folder, 'bob');
  phones.push(callee);
  const bench = await openBench({
    sip: { host: '0.0.0.0', allow: [`${own}/32`] },
    routes: [{ to: `sip:bob@${own}:${callee.port}` }],
  });
  try {
    phones.push(await phone(folder, 'ann', `/dial sip:bob@127.0.0.1:${bench.port}`));
    await until(() => bench.media.calls.some(({ packets }) => packets.caller > 50 && packets.callee > 50));
    expect(bench.media.last.settings('caller')?.remote?.address).toBe(own);
    expect(bench.events.map((event) => event.type).slice(0, 3)).toEqual(['ringing', 'leg', 'answered']);
    phones[1]?.child.stdin?.write('q');
    expect(await bench.ended()).toMatchObject({ result: 'completed', reason: 'caller-hung-up' });
  } finally {
    await bench.close();
    for (const { child } of phones) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
