import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateMachine } from '#lib/state-machine.ts';
import { terminationReasons } from '../types.ts';
import { callSteps, reasonOfStatus, terminationOf, type BridgedCallState } from './call-state.ts';
import { applyHeaderRules, passedFields, wantsPrivacy, withoutIdentity } from './header-rules.ts';
import { fromForCallee, partiesOf } from './identity.ts';
import { infoDigitMs } from './info-digit.ts';
import { SipHeaders } from './messages.ts';
import { translateReferTo, translateReplaces } from './replaces.ts';
import { answerSession, minimumSessionS, requestSession } from './session-expiry.ts';

describe('call states', () => {
  const states: readonly BridgedCallState[] = ['routing', 'ringing', 'answering', 'established', 'ended'];
  const legal = new Set([
    'routing ringing',
    'routing answering',
    'ringing answering',
    'answering established',
    ...['routing', 'ringing', 'answering', 'established'].map((state) => `${state} ended`),
  ]);
  const allowed = (from: BridgedCallState, to: BridgedCallState): boolean => {
    try {
      new StateMachine(from, callSteps).enter(to);
      return true;
    } catch {
      return false;
    }
  };
  test('the steps of the specification and no others', () => {
    const steps = states.flatMap((from) => states.map((to) => [`${from} ${to}`, allowed(from, to)] as const));
    expect(steps).toEqual(steps.map(([step]) => [step, legal.has(step)]));
  });

  test('an answered call has no SIP status; only an answered one completes', () => {
    for (const reason of terminationReasons) {
      expect(terminationOf('established', reason, 200).sipStatus).toBeNull();
      expect(terminationOf('ringing', reason, 486).result).not.toBe('completed');
    }
    expect(terminationOf('established', 'callee-hung-up', null).result).toBe('completed');
    expect(terminationOf('established', 'rtp-timeout', null).result).toBe('failed');
  });

  test('every refusal has a reason', () => {
    expect([486, 600, 603, 480, 488, 500, 404, 302].map(reasonOfStatus)).toEqual([
      'callee-busy',
      'callee-busy',
      'callee-declined',
      'no-answer',
      'not-acceptable-here',
      'no-target-reachable',
      'callee-rejected',
      'callee-rejected',
    ]);
  });
});

describe('header fields between the legs', () => {
  const headers = new SipHeaders({
    'p-asserted-identity': '<sip:100@pbx>',
    Diversion: '<sip:300@pbx>',
    'X-Account': '7',
    'user-agent': 'phone',
    privacy: 'id',
    k: 'timer',
    subject: 'folded\r\n  line',
  });

  test('what passes, and what an untrusted source may not assert', () => {
    expect(Object.keys(passedFields(headers, true))).toEqual([
      'p-asserted-identity',
      'Diversion',
      'X-Account',
      'privacy',
    ]);
    expect(Object.keys(passedFields(headers, false))).toEqual(['Diversion', 'X-Account', 'privacy']);
    expect(headers.get('supported')).toBe('timer');
    expect(headers.get('subject')).toBe('folded line');
  });

  test('the configuration removes, renames and adds', () => {
    const rules = { remove: ['diversion'], rename: { 'x-account': 'X-Customer' }, add: { 'X-Via': 'sidetone' } };
    expect(applyHeaderRules({ Diversion: 'a', 'X-Account': '7' }, rules)).toEqual({
      'X-Customer': '7',
      'X-Via': 'sidetone',
    });
  });

  test('privacy hides the caller from the far end, not from the record', () => {
    expect(wantsPrivacy(headers)).toBe(true);
    expect(wantsPrivacy(new SipHeaders({ privacy: 'none' }))).toBe(false);
    expect(wantsPrivacy(new SipHeaders({ 'remote-party-id': '<sip:1@x>;privacy=full' }))).toBe(true);
    expect(withoutIdentity(passedFields(headers, true))).not.toHaveProperty('p-asserted-identity');
    const asked = new SipHeaders({ from: '"Ann" <sip:100@pbx>;tag=1', to: '<sip:200@us>', privacy: 'id' });
    expect(fromForCallee(asked, true, '198.51.100.1')).toBe('"Anonymous" <sip:anonymous@anonymous.invalid>');
    expect(fromForCallee(asked, false, '198.51.100.1')).toBe('"Ann" <sip:100@198.51.100.1>');
    expect(partiesOf(asked, 'sip:200@us', true)[0]).toMatchObject({ uri: 'sip:100@pbx', displayName: 'Ann' });
  });

  test('an asserted identity names the caller where it is believed; a withheld one is null', () => {
    const anonymous = new SipHeaders({
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1',
      'p-asserted-identity': '<sip:+1201@carrier;user=phone>',
    });
    expect(partiesOf(anonymous, 'sip:200@us', true).map((party) => party.uri)).toEqual([
      'sip:+1201@carrier',
      'sip:200@us',
    ]);
    expect(partiesOf(anonymous, 'sip:200@us', false)[0]?.uri).toBeNull();
  });
});

describe('Replaces', () => {
  const legs = (callId: string): ReturnType<Parameters<typeof translateReplaces>[1]> =>
    callId === 'a1'
      ? [
          {
            own: { callId: 'a1', localTag: 'us-a', remoteTag: 'ann' },
            other: { callId: 'b1', localTag: 'us-b', remoteTag: 'bob' },
          },
        ]
      : [];

  test('a dialog with us becomes the far end’s dialog; one that names the far end stays; others are unknown', () => {
    expect(translateReplaces('a1;to-tag=us-a;from-tag=ann', legs)).toBe('b1;to-tag=bob;from-tag=us-b');
    expect(translateReplaces('a1;from-tag=ann;to-tag=us-a;early-only', legs)).toBe(
      'b1;to-tag=bob;from-tag=us-b;early-only',
    );
    expect(translateReplaces('a1;to-tag=ann;from-tag=us-a', legs)).toBe('a1;to-tag=ann;from-tag=us-a');
    expect(translateReplaces('a1;to-tag=x;from-tag=ann', legs)).toBeUndefined();
    expect(translateReplaces('zz;to-tag=us-a;from-tag=ann', legs)).toBeUndefined();
  });

  test('inside Refer-To', () => {
    const replaces = (value: string): string => `<sip:200@pbx?Replaces=${encodeURIComponent(value)}&X=1>`;
    expect(translateReferTo(replaces('a1;to-tag=us-a;from-tag=ann'), legs)).toBe(
      replaces('b1;to-tag=bob;from-tag=us-b'),
    );
    expect(translateReferTo('<sip:300@pbx>', legs)).toBe('<sip:300@pbx>');
    // Not ours: a Call-ID that we do not know, tags that another B2BUA gave to a Call-ID that we do, no text at all.
    for (const other of [
      replaces('zz;to-tag=1;from-tag=2'),
      replaces('a1;to-tag=1;from-tag=2'),
      '<sip:2@x?Replaces=%zz>',
    ])
      expect(translateReferTo(other, legs)).toBe(other);
  });
});

describe('session timers (RFC 4028)', () => {
  const answer = (fields: Record<string, string>): unknown => answerSession(new SipHeaders(fields), 1800);
  test.each([
    [{ supported: 'timer', 'session-expires': '1200;refresher=uac' }, '1200;refresher=uac'],
    [{ supported: 'timer', 'session-expires': '1200;refresher=uas' }, '1200;refresher=uas'],
    [{ supported: 'timer', 'session-expires': '1200' }, '1200;refresher=uac'],
    [{ supported: 'timer' }, '1800;refresher=uas'],
    [{}, '1800;refresher=uas'],
    [{ 'session-expires': '30' }, '90;refresher=uas'],
    [{ supported: 'timer', 'session-expires': '7200', 'min-se': '3600' }, '3600;refresher=uac'],
  ])('%j is answered %s', (fields, expires) => {
    expect(answer(fields)).toMatchObject({ kind: 'agreed', headers: { 'Session-Expires': expires } });
  });

  test('too small an interval is 422 with Min-SE; ours grows on 422', () => {
    expect(answer({ supported: 'timer', 'session-expires': '60' })).toEqual({
      kind: 'too-small',
      headers: { 'Min-SE': '90' },
    });
    expect(requestSession(1800, minimumSessionS(new SipHeaders({ 'min-se': '3600' })))).toEqual({
      'Session-Expires': '3600',
      'Min-SE': '3600',
    });
    expect(minimumSessionS(new SipHeaders({}))).toBeUndefined();
  });
});

test('INFO reports a key, never which', () => {
  expect(infoDigitMs('application/dtmf-relay', 'Signal=5\r\nDuration=250\r\n')).toBe(250);
  expect(infoDigitMs('application/dtmf-relay', 'Signal=5')).toBe(160);
  expect(infoDigitMs('application/dtmf; x=y', '5')).toBe(160);
  expect(infoDigitMs('text/plain', '5')).toBeUndefined();
  fc.assert(
    fc.property(fc.string(), (body) => {
      const durationMs = infoDigitMs('application/dtmf-relay', body) ?? 0;
      return durationMs > 0 && durationMs <= 6000;
    }),
  );
});
