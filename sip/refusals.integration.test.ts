import { afterEach, describe, expect, test } from 'vitest';
import { createLogger } from '#lib/log.ts';
import { answerChallenge } from './auth/digest.ts';
import { openBench, establish, type Bench } from './testing/bench.ts';
import type { RawMessage } from './testing/raw-message.ts';
import { newToken, RawUa, sdp } from './testing/raw-ua.ts';

let bench: Bench;
afterEach(() => bench.close());

async function refusal(options: Parameters<Bench['caller']['invite']>[0]): Promise<RawMessage> {
  const invite = bench.caller.invite(options);
  const response = await bench.caller.expect((message) => message.method === 'INVITE' && message.status >= 300);
  bench.caller.ack(invite, response);
  return response;
}

/** A request outside a dialog. */
function ask(method: string, headers: readonly string[] = [], ua: RawUa = bench.caller): void {
  const { port } = bench;
  ua.sendText(
    [
      `${method} sip:127.0.0.1:${port} SIP/2.0`,
      ua.via(),
      'Max-Forwards: 70',
      `From: <sip:100@example.org>;tag=${newToken()}`,
      'To: <sip:200@example.org>',
      `Call-ID: ${newToken()}`,
      `CSeq: 1 ${method}`,
      `Contact: <${ua.contact}>`,
      ...headers,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
    port,
  );
}

test('what an INVITE is refused for, before anything rings', async () => {
  bench = await openBench({ routes: [{ match: '^2', to: 'sip:$0@127.0.0.1:CALLEE' }] });
  const { port } = bench;
  expect((await refusal({ port, user: '300', body: sdp() })).status).toBe(404);
  expect((await refusal({ port, body: sdp(), headers: ['Max-Forwards: 0'] })).status).toBe(483);
  const extension = await refusal({ port, body: sdp(), headers: ['Require: 100rel, precondition'] });
  expect([extension.status, extension.header('Unsupported')]).toEqual([420, 'precondition']);
  expect((await refusal({ port, body: sdp({ media: ['m=image 4000 udptl t38'] }) })).status).toBe(488);
  expect((await refusal({ port, body: sdp({ media: ['m=audio 4000 RTP/SAVP 0'] }) })).status).toBe(488);
  expect((await refusal({ port, body: sdp({ media: ['m=audio 4000 RTP/AVP 18'] }) })).status).toBe(488);
  expect((await refusal({ port, uri: 'mailto:a@b', body: sdp() })).status).toBe(416);
  const small = await refusal({ port, body: sdp(), headers: ['Supported: timer', 'Session-Expires: 60'] });
  expect([small.status, small.header('Min-SE')]).toEqual([422, '90']);
  const replaces = await refusal({ port, body: sdp(), headers: ['Replaces: nothing;to-tag=1;from-tag=2'] });
  expect(replaces.status).toBe(481);
  expect(bench.events).toEqual([]);
  expect(bench.callee.log).toEqual([]);
  const counted = await bench.metrics.render();
  for (const reason of [
    'no-route',
    'too-many-hops',
    'bad-extension',
    'sdp-no-audio',
    'sdp-secure-only',
    'unknown-replaces',
  ]) {
    expect(counted).toContain(`sidetone_sip_admission_refusals_total{reason="${reason}"} 1`);
  }
});

test('tel: is routed by its number', async () => {
  bench = await openBench({ routes: [{ match: '^\\+1201555(\\d+)$', to: 'sip:$1@127.0.0.1:CALLEE' }] });
  bench.caller.invite({ port: bench.port, uri: 'tel:+1-201-555-0123', body: sdp() });
  expect((await bench.callee.expect('INVITE')).uri).toContain('sip:0123@');
});

test('OPTIONS, REGISTER and what else comes outside a dialog', async () => {
  bench = await openBench();
  ask('OPTIONS');
  const options = await bench.caller.expect('200 OPTIONS');
  expect(options.header('Allow')).toContain('INVITE');
  expect(options.header('Accept')).toContain('application/sdp');
  expect(options.header('Supported')).toContain('100rel');
  for (const method of ['REGISTER', 'SUBSCRIBE', 'PUBLISH', 'MESSAGE', 'REFER', 'NOTIFY']) {
    ask(method);
    const response = await bench.caller.expect(`405 ${method}`);
    expect(response.header('Allow')).toContain('INVITE');
  }
  ask('UPDATE');
  await bench.caller.expect('481 UPDATE');
  ask('NONSENSE');
  await bench.caller.expect('501 NONSENSE');
});

test('draining: no further calls, monitors are told, calls that are up go on', async () => {
  bench = await openBench();
  const { caller, callee, server, port } = bench;
  const call = await establish(bench);
  server.drain();
  const response = await refusal({ port, body: sdp() });
  expect([response.status, Number(response.header('Retry-After')) > 0]).toEqual([503, true]);
  expect(response.header('Warning')).toContain('shutting down');
  ask('OPTIONS');
  await caller.expect('503 OPTIONS');
  expect(server.activeCalls).toBe(1);
  caller.inDialog(call.callerSide, 'BYE');
  await caller.expect('200 BYE');
  callee.reply(await callee.expect('BYE'), 200);
  await server.whenIdle();
});

test('what is refused is counted each time and logged once for each source and reason', async () => {
  const lines: string[] = [];
  const logger = createLogger('warn', 'test', { write: (line) => lines.push(line) });
  bench = await openBench({}, { logger });
  const second = await RawUa.open('127.0.0.2');
  for (const ua of [bench.caller, bench.caller, second]) {
    ask('REGISTER', [], ua);
    await ua.expect('405 REGISTER');
  }
  ask('PUBLISH');
  await bench.caller.expect('405 PUBLISH');
  await second.close();
  const logged = lines.map((line): unknown => JSON.parse(line));
  const refused = { msg: 'request refused', status: 405 };
  expect(logged).toEqual([
    expect.objectContaining({ ...refused, source: '127.0.0.1', reason: 'register-not-allowed' }),
    expect.objectContaining({ ...refused, source: '127.0.0.2', reason: 'register-not-allowed' }),
    expect.objectContaining({ ...refused, source: '127.0.0.1', reason: 'publish-not-allowed' }),
  ]);
  expect(await bench.metrics.render()).toContain(
    'sidetone_sip_admission_refusals_total{reason="register-not-allowed"} 3',
  );
});

test('no media ports left: 503 with Retry-After, and the call is on record', async () => {
  bench = await openBench();
  bench.media.limit = 0;
  const response = await refusal({ port: bench.port, body: sdp() });
  expect([response.status, Number(response.header('Retry-After')) > 0]).toEqual([503, true]);
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'ports-exhausted', sipStatus: 503 });
  const counted = await bench.metrics.render();
  expect(counted).toContain('sidetone_sip_calls_ended_total{result="failed",reason="ports-exhausted"} 1');
  expect(counted).toContain('sidetone_sip_calls_active 0');
});

describe('who may call', () => {
  test('a source that nobody named is refused and counted', async () => {
    bench = await openBench({ sip: { allow: ['192.0.2.0/24'] } });
    expect((await refusal({ port: bench.port, body: sdp() })).status).toBe(403);
    expect(await bench.metrics.render()).toContain(
      'sidetone_sip_admission_refusals_total{reason="source-not-allowed"} 1',
    );
    expect(bench.events).toEqual([]);
  });

  test('digest users are challenged and let in', async () => {
    bench = await openBench({ sip: { digest: { users: [{ name: 'ann', password: 'secret' }] } } });
    const { caller, callee, port } = bench;
    const uri = `sip:200@127.0.0.1:${port}`;
    const guess =
      'Authorization: Digest username="ann", realm="sidetone", nonce="1", uri="sip:200@127.0.0.1", response="0"';
    expect((await refusal({ port, body: sdp(), headers: [guess] })).status).toBe(401);
    expect(await bench.metrics.render()).toContain('reason="wrong-credentials"} 1');
    for (const preferred of [0, 1]) {
      const challenged = await refusal({ port, body: sdp() });
      expect(challenged.status).toBe(401);
      expect(challenged.all('WWW-Authenticate')).toHaveLength(2);
      const challenge = challenged.all('WWW-Authenticate')[preferred] ?? '';
      const given = answerChallenge(
        challenge,
        { method: 'INVITE', uri, body: '' },
        { user: 'ann', password: 'secret' },
      );
      const invite = caller.invite({
        port,
        body: sdp(),
        headers: [`Authorization: ${given ?? ''}`, 'P-Asserted-Identity: <sip:boss@example.org>'],
      });
      const received = await callee.expect('INVITE');
      expect(received.header('P-Asserted-Identity')).toBe('');
      expect(received.header('Authorization')).toBe('');
      callee.reply(received, 486);
      const busy = await caller.expect('486 INVITE');
      caller.ack(invite, busy);
    }
  });
});
