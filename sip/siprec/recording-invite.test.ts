import { expect, test } from 'vitest';
import { loadConfig } from '#lib/config/load.ts';
import { SipHeaders, type SipRequest } from '../b2bua/messages.ts';
import { isRecording } from './recording-invite.ts';
import { metadataText, ann } from './testing/bodies.ts';

const config = loadConfig(undefined, {}, '/nowhere');
const invite = (headers: Readonly<Record<string, string>>, body = ''): SipRequest => ({
  method: 'INVITE',
  uri: 'sip:200@192.0.2.1',
  headers: new SipHeaders(headers),
  body,
  source: { address: '192.0.2.2', port: 5060, transport: 'udp' },
  callId: 'c',
  fromTag: 'f',
  toTag: undefined,
  dialogId: '',
  unsolicited: false,
  respond: () => Promise.resolve({ toTag: '', dialogId: '' }),
  onCancel: () => undefined,
});

test.each([
  ['RFC 7866 section 6.1.1: the feature tag of a client', { contact: '<sip:src@192.0.2.2>;+sip.src' }, true],
  ['with a value', { contact: '<sip:src@192.0.2.2>;expires=60;+sip.src="TRUE"' }, true],
  ['within the angle brackets', { contact: '<sip:src@192.0.2.2;+sip.src>' }, true],
  ['the tag of a server', { contact: '<sip:src@192.0.2.2>;+sip.srs' }, false],
  ['a longer tag', { contact: '<sip:src@192.0.2.2>;+sip.srcs' }, false],
  ['the extension required', { contact: '<sip:src@192.0.2.2>', require: '100rel, SIPREC' }, true],
  ['the extension only known', { contact: '<sip:src@192.0.2.2>', supported: 'siprec' }, false],
])('%s', (_what, headers, expected) => {
  expect(isRecording(config, invite(headers), undefined)).toBe(expected);
});

test.each(['application/rs-metadata+xml', 'application/rs-metadata', 'text/xml', ''])(
  'metadata of the type "%s" says that it is a copy',
  (type) => {
    const headers = { contact: '<sip:src@192.0.2.2>', ...(type === '' ? {} : { 'content-type': type }) };
    expect(isRecording(config, invite(headers, metadataText([ann], ['1'])), undefined)).toBe(true);
  },
);
