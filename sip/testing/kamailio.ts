import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const modulePaths = ['/usr/lib/x86_64-linux-gnu/kamailio/modules', '/usr/lib/aarch64-linux-gnu/kamailio/modules'];
const modulePath = modulePaths.find((path) => existsSync(join(path, 'dispatcher.so')));
export const hasKamailio = modulePath !== undefined && spawnSync('kamailio', ['-v']).error === undefined;

/** Kamailio that sends every call by one destination and around it by another, with the lines of docs/pbx.md as they stand. */
export class DispatchingKamailio {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #home: string;

  private constructor(port: number, child: ChildProcess, home: string) {
    this.port = port;
    this.#process = child;
    this.#home = home;
  }

  static async start(by: number, around: number): Promise<DispatchingKamailio> {
    const home = mkdtempSync(join(tmpdir(), 'sidetone-dispatcher-'));
    const port = await freePort();
    const list = join(home, 'dispatcher.list');
    writeFileSync(list, `1 sip:127.0.0.1:${by} 0 10\n1 sip:127.0.0.1:${around} 0 0\n`);
    writeFileSync(join(home, 'kamailio.cfg'), configuration(port, list));
    const args = ['-DD', '-E', '-f', join(home, 'kamailio.cfg'), '-P', join(home, 'pid'), '-Y', home, '-m', '32'];
    const child = spawn('kamailio', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4000)));
    const kamailio = new DispatchingKamailio(port, child, home);
    try {
      await kamailio.#listening();
    } catch (thrown) {
      await kamailio.close();
      throw new Error(`Kamailio did not start: ${log}`, { cause: thrown });
    }
    return kamailio;
  }

  async close(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exit = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exit;
    }
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** Asks until it answers. */
  async #listening(): Promise<void> {
    const socket = createSocket('udp4');
    const answered = once(socket, 'message');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const lines = [
      `OPTIONS sip:127.0.0.1:${this.port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};rport;branch=z9hG4bKup`,
      'Max-Forwards: 70',
      'From: <sip:a@b>;tag=1',
      'To: <sip:b@b>',
      'Call-ID: up',
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
    ];
    const asking = setInterval(() => socket.send(`${lines.join('\r\n')}\r\n\r\n`, this.port, '127.0.0.1'), 50);
    const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error('no answer')), 10_000).unref());
    try {
      await Promise.race([answered, late]);
    } finally {
      clearInterval(asking);
      socket.close();
    }
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(() => done()));
  return port;
}

/** The block that the page tells people to copy; only the file's place and the pace are the test's. */
function documentedScript(list: string): string {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/pbx.md'), 'utf8');
  const block = /```\n(loadmodule "dispatcher\.so"\n.*?)```/s.exec(page)?.[1];
  if (block === undefined) throw new Error('the page has no script');
  return block
    .replace('/etc/kamailio/dispatcher.list', list)
    .replace('"ds_ping_interval", 10', '"ds_ping_interval", 1')
    .replace('"fr_timer", 3000', '"fr_timer", 500');
}

function configuration(port: number, list: string): string {
  return `#!KAMAILIO
debug=2
log_stderror=yes
children=2
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:${port}
mpath="${modulePath}"
${['tm', 'sl', 'rr', 'pv', 'maxfwd', 'textops', 'siputils'].map((name) => `loadmodule "${name}.so"`).join('\n')}

${documentedScript(list)}

request_route {
	if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
	if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
	if (has_totag()) {
		if (!loose_route()) { if (is_method("ACK") && t_check_trans()) t_relay(); exit; }
		t_relay();
		exit;
	}
	if (is_method("ACK")) exit;
	if (!is_method("INVITE")) { sl_send_reply("200", "OK"); exit; }
	record_route();
	route(BY_SIDETONE);
}
`;
}
