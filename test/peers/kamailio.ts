import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, waitFor } from '../server.ts';
import { hasKamailioWith, KamailioProcess, kamailioModules } from './kamailio-process.ts';

export const hasKamailio = hasKamailioWith('rtpengine');

export interface KamailioOptions {
  readonly address: string;
  readonly port: number;
  /** rtpengine's control port, on loopback. */
  readonly ngPort: number;
  /** host:port of the server that is told of the calls. */
  readonly sidetone: string;
  /** host:port where every call goes. */
  readonly callee: string;
}

/**
 * Kamailio as a proxy whose calls are all anchored in rtpengine, with the script of docs/pbx/kamailio-rtpengine.md as it
 * stands there.
 */
export async function startKamailio(options: KamailioOptions): Promise<KamailioProcess> {
  const kamailio = new KamailioProcess(() => configuration(options));
  await waitFor('Kamailio to find rtpengine', () =>
    kamailio.log.includes('support for it enabled') ? true : undefined,
  );
  return kamailio;
}

/** The block that the page tells people to copy, for the server of the test. */
function documentedScript(sidetone: string): string {
  const page = readFileSync(join(repository, 'docs/pbx/kamailio-rtpengine.md'), 'utf8');
  const block = /```\n(loadmodule "uac\.so"\n.*?)```/s.exec(page)?.[1] ?? '';
  const [before, after] = block.split('sip:sidetone@127.0.0.1:5060');
  if (before === undefined || after === undefined) throw new Error('the page has no script, or no address in it');
  return `${before}sip:sidetone@${sidetone}${after}`;
}

function configuration({ address, port, ngPort, sidetone, callee }: KamailioOptions): string {
  const modules = ['tm', 'tmx', 'sl', 'rr', 'pv', 'xlog', 'maxfwd', 'textops', 'siputils', 'rtpengine'];
  return `#!KAMAILIO
debug=2
log_stderror=yes
children=2
disable_tcp=yes
auto_aliases=no
listen=udp:${address}:${port}
mpath="${kamailioModules}"
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:${ngPort}")
modparam("rtpengine", "rtpengine_tout_ms", 300)
modparam("rtpengine", "rtpengine_disable_tout", 1)

${documentedScript(sidetone)}

request_route {
	if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
	if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
	if (is_method("ACK") && !has_totag()) exit;
	if (has_totag()) {
		if (!loose_route()) { if (is_method("ACK") && t_check_trans()) t_relay(); exit; }
		if (!is_method("ACK")) { rtpengine_manage("replace-origin replace-session-connection"); t_on_reply("MEDIA"); }
		if (is_method("BYE")) route(SIDETONE_OVER);
		t_relay();
		exit;
	}
	if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
	record_route();
	rtpengine_manage("replace-origin replace-session-connection");
	setflag(FLT_SIDETONE);
	t_on_reply("MEDIA");
	$du = "sip:${callee}";
	t_relay();
}

onreply_route[MEDIA] {
	if (has_body("application/sdp")) rtpengine_manage("replace-origin replace-session-connection");
	route(SIDETONE_ANSWERED);
}
`;
}
