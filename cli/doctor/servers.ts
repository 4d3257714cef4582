import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { systemClock } from '#lib/clock.ts';
import { systemCode } from '#lib/errors.ts';
import { HostResolver } from '#lib/host-resolver.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import type { Checker } from './check.ts';

/** Servers beside ours that the configuration names: the database, rtpengine, drachtio-server. */

const rtpengineMs = 2000;
const drachtioMs = 3000;

export const checkDatabase: Checker = async ({ databaseUrl }) => {
  if (databaseUrl === undefined) return [{ name: 'database', state: 'ok', detail: 'PGlite in the data directory' }];
  const { askPostgres, oldestPostgres } = await import('../../db/connection/version.ts');
  const answer = await askPostgres(databaseUrl);
  if ('trouble' in answer)
    return [{ name: 'database', state: 'wrong', detail: `cannot be reached: ${answer.trouble}` }];
  const supported = answer.major >= oldestPostgres;
  const detail = `PostgreSQL ${answer.major} answers${supported ? '' : `; ${oldestPostgres} or newer is needed`}`;
  return [{ name: 'database', state: supported ? 'ok' : 'wrong', detail }];
};

export const checkRtpengine: Checker = async ({ rtpengine: { address, mode } }) => {
  if (address === undefined) return [];
  const { NgClient } = await import('../../sip/rtpengine/ng-client.ts');
  const colon = address.lastIndexOf(':');
  const client = new NgClient({
    host: address.slice(0, colon).replaceAll(/[[\]]/g, ''),
    port: Number(address.slice(colon + 1)),
    resolver: new HostResolver(systemClock),
    logger: silentLogger,
    metrics: createMetrics(),
    timing: { giveUpMs: rtpengineMs },
  });
  try {
    const reply = await client.ask('ping');
    if (reply?.ok === true) return [{ name: 'rtpengine', state: 'ok', detail: `${address} answers, mode ${mode}` }];
    const heard = reply === undefined ? 'does not answer a ping' : `refuses: ${reply.reason}`;
    const detail = `${address} ${heard}: is it up, with --listen-ng on this address, and no firewall between?`;
    return [{ name: 'rtpengine', state: 'wrong', detail }];
  } finally {
    await client.close();
  }
};

export const checkDrachtio: Checker = async ({ drachtio }) => {
  if (drachtio === undefined) return [];
  const [host = '', port = '', ...secret] = drachtio.split(':');
  const trouble = await askDrachtio(host, Number(port), secret.join(':'));
  const name = 'drachtio';
  if (trouble === undefined)
    return [{ name, state: 'ok', detail: `${host}:${port} takes the connection and the secret` }];
  return [{ name, state: 'wrong', detail: `${host}:${port} ${trouble}` }];
};

/** Authenticates and no more: who asks for no requests (`route`) takes none from the server that is connected. */
function askDrachtio(host: string, port: number, secret: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      const message = `${randomUUID()}|authenticate|${secret}|`;
      socket.write(`${Buffer.byteLength(message)}#${message}`);
    });
    const settle = (trouble: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(trouble);
    };
    const timer = setTimeout(
      () => settle('takes the connection and says nothing: is it a drachtio-server?'),
      drachtioMs,
    );
    let heard = '';
    socket.on('data', (data) => {
      heard += data.toString('latin1');
      const outcome = /\|response\|[^|]*\|(\w+)/.exec(heard)?.[1];
      if (outcome !== undefined)
        settle(outcome === 'OK' ? undefined : 'refuses the secret: it stands in its drachtio.conf.xml (admin)');
    });
    socket.on('close', () => settle('closes the connection: is the secret that of its drachtio.conf.xml (admin)?'));
    socket.on('error', (error) => settle(`cannot be reached (${systemCode(error)}): is drachtio-server up there?`));
  });
}
