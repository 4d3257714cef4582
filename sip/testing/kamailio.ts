import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '#test/peers/free-port.ts';
import { hasKamailioWith, KamailioProcess, kamailioModules } from '#test/peers/kamailio-process.ts';

export const hasKamailio = hasKamailioWith('dispatcher');

/** Kamailio that sends every call by one destination and around it by another, with the lines of docs/pbx.md as they stand. */
export async function startDispatcher(
  by: number,
  around: number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const port = await freePort();
  const kamailio = new KamailioProcess((home) => {
    const list = join(home, 'dispatcher.list');
    writeFileSync(list, `1 sip:127.0.0.1:${by} 0 10\n1 sip:127.0.0.1:${around} 0 0\n`);
    return configuration(port, list);
  });
  try {
    await answers(port);
  } catch (thrown) {
    await kamailio.close();
    throw new Error(`Kamailio did not start: ${kamailio.log.slice(-4000)}`, { cause: thrown });
  }
  return { port, close: () => kamailio.close() };
}

/** Asks until it answers. */
async function answers(port: number): Promise<void> {
  const socket = createSocket('udp4');
  const answered = once(socket, 'message');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const lines = [
    `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};rport;branch=z9hG4bKup`,
    'Max-Forwards: 70',
    'From: <sip:a@b>;tag=1',
    'To: <sip:b@b>',
    'Call-ID: up',
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  const asking = setInterval(() => socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1'), 50);
  const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error('no answer')), 10_000).unref());
  try {
    await Promise.race([answered, late]);
  } finally {
    clearInterval(asking);
    socket.close();
  }
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
mpath="${kamailioModules}"
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
