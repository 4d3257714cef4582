import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasCode } from '../errors.ts';
import { environmentNames, loadConfig } from './load.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sidetone-config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const load = (yaml: string, environment: Record<string, string> = {}) => {
  writeFileSync(join(dir, 'sidetone.yaml'), yaml);
  return loadConfig(undefined, environment, dir);
};
const mistakesOf = (yaml: string, environment: Record<string, string> = {}): string[] => {
  try {
    load(yaml, environment);
  } catch (error) {
    if (hasCode(error, 'config-invalid')) return error.message.split('\n').slice(1);
    throw error;
  }
  return [];
};

test('with nothing configured a server on loopback asks no questions', () => {
  const config = loadConfig(undefined, {}, dir);
  expect(config).toMatchObject({
    dataDir: join(dir, 'data'),
    http: { host: '127.0.0.1', port: 8080 },
    sip: { host: '127.0.0.1', port: 5060, transports: ['udp', 'tcp'], rtpTimeoutS: 60 },
    rtp: { ports: '20000-29999', quarantineS: 15 },
    redaction: { holdS: 30 },
    record: 'redacted-only',
  });
  expect(config.asr.processes).toBeGreaterThanOrEqual(1);
  expect(Object.isFrozen(config.sip.digest.users)).toBe(true);
});

test('environment wins over the file, by the names of the contract', () => {
  const config = load('http: {port: 1}\nsip: {transports: [tcp]}\n', {
    SIDETONE_HTTP_PORT: '9000',
    SIDETONE_SIP_TRANSPORTS: 'udp, tcp',
    SIDETONE_RTP_PORTS: '40000-40999',
    SIDETONE_ASR_PROCESSES: '0',
    SIDETONE_ADVERTISE_ADDRESS: '192.0.2.1',
    SIDETONE_LOG_LEVEL: 'debug',
    DATABASE_URL: 'postgres://u@127.0.0.1/db',
    SIDETONE_DRACHTIO: '127.0.0.1:9022:cymru',
    HOME: '/nowhere',
  });
  expect(config.http.port).toBe(9000);
  expect(config.sip.transports).toEqual(['udp', 'tcp']);
  expect(config.rtp.ports).toBe('40000-40999');
  expect(config.asr.processes).toBe(0);
  expect(config.advertiseAddress).toBe('192.0.2.1');
  expect(config.log.level).toBe('debug');
  expect(config.databaseUrl).toBe('postgres://u@127.0.0.1/db');
  expect(config.drachtio).toBe('127.0.0.1:9022:cymru');
});

test('every setting that fits in a variable has one', () => {
  const names = [...environmentNames().keys()];
  expect(names).toEqual(expect.arrayContaining(['SIDETONE_DATA_DIR', 'SIDETONE_SIP_HOST', 'SIDETONE_ASR_MODEL']));
  expect(names.every((name) => name === 'DATABASE_URL' || /^SIDETONE_[A-Z0-9_]+$/.test(name))).toBe(true);
});

test('five mistakes are reported together', () => {
  const mistakes = mistakesOf(
    `
sip: {host: 192.0.2.7, port: fifty, colour: blue}
http: {host: 0.0.0.0}
rtp: {ports: 5-1}
routes: [{match: "(", to: "sip:x@y"}]
trunks: [{name: carrier, match: [300.1.1.1/40], digestUser: nobody}]
`,
    { SIDETONE_NO_SUCH: '1', SIDETONE_API_KEY: 'the command line takes it' },
  );
  for (const expected of [
    'SIDETONE_NO_SUCH: no such setting',
    'sip.port',
    'colour',
    'http.host: is reachable from outside',
    'rtp.ports: not a range',
    'routes.0.match: not a regular expression',
    'trunks.0.match.0: not an address or CIDR block',
    'trunks.0.digestUser: is not in sip.digest.users',
  ]) {
    expect(mistakes.filter((mistake) => mistake.includes(expected))).toHaveLength(1);
  }
});

test('phrases are tidied, and each that is none is told of by its place', () => {
  const mistakes = mistakesOf(
    `
asr: {phrases: ["Okonkwo", "4111 1111", "${'x'.repeat(90)}"], phrasesHeader: "two words"}
routes: [{to: "sip:x@192.0.2.1", phrases: [""]}]
trunks: [{name: t, phrases: [${Array.from({ length: 501 }, (_, index) => `name ${index}`).join(',')}]}]
`,
    {},
  );
  for (const expected of [
    'asr.phrases.1: has no letter in it',
    'asr.phrases.2: is longer than 80 characters',
    'asr.phrasesHeader: not the name of a SIP header',
    'routes.0.phrases.0: has no letter in it',
    'trunks.0.phrases: has more than 500 phrases',
  ]) {
    expect(mistakes.filter((mistake) => mistake.includes(expected))).toHaveLength(1);
  }
});

test('a value that is wrong is told of once, with what it may be', () => {
  expect(mistakesOf('rtpengine: {address: localhost}')).toEqual([expect.stringContaining('such as 127.0.0.1:2223')]);
  expect(mistakesOf('rtpengine: {address: "localhost:99999"}')).toEqual([expect.stringContaining('port over 65535')]);
  expect(mistakesOf('siprec: {fullStatus: 500}')).toEqual([expect.stringMatching(/fullStatus: .*503.*486/)]);
});

test.each([
  ['sip: {alow: [192.0.2.7]}', 'sip.alow: no such setting: did you mean sip.allow?'],
  ['sip: {ALLOW: []}', 'sip.ALLOW: no such setting: did you mean sip.allow?'],
  ['allow: [192.0.2.7]', 'allow: no such setting: did you mean sip.allow?'],
  ['sip: {maxCalls: 5}', 'sip.maxCalls: no such setting: did you mean intake.maxCalls?'],
  ['trunks: [{name: a, recoder: true}]', 'trunks.0.recoder: no such setting: did you mean trunks.0.recorder?'],
  ['trunks: [{name: a, pauseOnInactive: true}]', 'did you mean siprec.pauseOnInactive?'],
  ['http: {public-url: "https://a.example"}', 'did you mean http.publicUrl?'],
  [
    'rtpengine: {mode: ancor}',
    'rtpengine.mode: Invalid option: expected one of "subscribe"|"anchor": did you mean anchor?',
  ],
  ['sip: {transports: [upd]}', 'did you mean udp?'],
])('what was meant is told: %s', (yaml, mistake) => {
  expect(mistakesOf(yaml)).toEqual([expect.stringContaining(mistake)]);
});

test('what resembles nothing is told of without a guess; two unknown keys are two mistakes', () => {
  expect(mistakesOf('sip: {colour: 1, zebra: 2}\nrtpengine: {mode: 7}')).toEqual([
    expect.stringMatching(/sip\.colour: no such setting$/),
    expect.stringMatching(/sip\.zebra: no such setting$/),
    expect.stringMatching(/rtpengine\.mode: [^?]*$/),
  ]);
  expect(mistakesOf('', { SIDETONE_SIP_ALOW: 'x' })).toEqual([
    expect.stringContaining('SIDETONE_SIP_ALOW: no such setting: did you mean SIDETONE_SIP_ALLOW?'),
  ]);
});

test('a server reachable from outside must know its callers', () => {
  expect(mistakesOf('sip: {host: 0.0.0.0}')).toEqual([expect.stringContaining('say who may call')]);
  expect(mistakesOf('sip: {host: 0.0.0.0, allow: [192.0.2.0/24]}')).toEqual([]);
  expect(mistakesOf('http: {host: 0.0.0.0}')).toEqual([expect.stringContaining('http.tlsProxy')]);
  expect(mistakesOf('http: {host: 0.0.0.0, tlsProxy: true}')).toEqual([]);
});

test('AudioSocket is off until it has a port, and knows its senders by address', () => {
  expect(load('').audiosocket).toMatchObject({ host: '127.0.0.1', single: 'mixed', pairBy: 'uuid' });
  expect(load('', { SIDETONE_AUDIOSOCKET_PORT: '9092' }).audiosocket.port).toBe(9092);
  expect(mistakesOf('audiosocket: {host: 0.0.0.0}')).toEqual([]);
  expect(mistakesOf('audiosocket: {host: 0.0.0.0, port: 9092}')).toEqual([
    expect.stringContaining('say who may connect'),
  ]);
  expect(mistakesOf('audiosocket: {host: 0.0.0.0, port: 9092, allow: [192.0.2.0/24]}')).toEqual([]);
  expect(mistakesOf('audiosocket: {host: 0.0.0.0, port: 9092}\ntrunks: [{name: a, match: [192.0.2.7]}]')).toEqual([]);
});

test('the public URL is an origin under TLS, or on this machine', () => {
  expect(load('', { SIDETONE_PUBLIC_URL: 'https://Calls.example:443/' }).http.publicUrl).toBe('https://calls.example');
  expect(load('http: {publicUrl: "http://localhost:9000"}').http.publicUrl).toBe('http://localhost:9000');
  for (const wrong of [
    'calls.example',
    'http://calls.example',
    'https://calls.example/sidetone',
    'https://u@a.example',
  ])
    expect(mistakesOf(`http: {publicUrl: "${wrong}"}`)).toEqual([expect.stringContaining('http.publicUrl: not https')]);
});

test('a file that is no YAML, or is not there, is named', () => {
  expect(mistakesOf('a: [')[0]).toContain(join(dir, 'sidetone.yaml'));
  expect(() => loadConfig('missing.yaml', {}, dir)).toThrow(/missing\.yaml: cannot be read/);
});

test('a model is the one that comes along, or a folder', () => {
  expect(mistakesOf('asr: {model: ./whisper-huge, models: {de: ./nowhere}}')).toEqual([
    expect.stringContaining('asr.model: ./whisper-huge is neither the name of a model, nor a folder'),
    expect.stringContaining('asr.models.de: ./nowhere'),
  ]);
  expect(load('asr: {model: .}').asr.model).toBe(dir);
  expect(load('asr: {model: whisper-tiny, models: {de: "https://asr.example/v1"}}').asr).toMatchObject({
    model: 'whisper-tiny',
    models: { de: 'https://asr.example/v1' },
  });
});

test('a CDR file has its path from the configuration file, and says what its columns are where nobody else does', () => {
  const entry = (rest: string): string => `assurance: {cdr: [{path: cdr/Master.csv, sourceName: pbx, ${rest}}]}`;
  expect(load(entry('layout: asterisk')).assurance.cdr[0]).toMatchObject({
    path: join(dir, 'cdr/Master.csv'),
    timeZone: 'UTC',
    matchWithinS: 30,
    graceS: 300,
  });
  expect(mistakesOf(entry('layout: columns, columns: {start: a, caller: b, answer: c}'))).toEqual([]);
  for (const [rest, mistake] of [
    ['layout: asterisk, timeZone: Berlin', 'not a time zone'],
    ['layout: asterisk, columns: {sipCallId: CallId}', 'has no header'],
    ['layout: columns, columns: {caller: b, answer: c}', 'needs at least start'],
    ['layout: columns, columns: {start: a, answer: c}', 'something to know calls by'],
    ['layout: columns, columns: {start: a, caller: b}', 'something to know answered calls by'],
  ] as const)
    expect(mistakesOf(entry(rest))).toEqual([expect.stringContaining(mistake)]);
});
