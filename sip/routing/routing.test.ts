import { describe, expect, test } from 'vitest';
import { configSchema } from '#lib/config/schema.ts';
import { formatNameAddr, parseNameAddr } from './name-addr.ts';
import { configuredHosts, createRouter } from './routes.ts';
import { parseUri, plainUri } from './uri.ts';

describe('URIs', () => {
  test.each([
    ['sip:200@example.org', '200', 'example.org'],
    ['sip:+1201555;npdi;rn=7@Example.org:5070;user=phone', '+1201555', 'example.org'],
    ['sip:%2B1201@10.0.0.1', '+1201', '10.0.0.1'],
    ['sips:ann:secret@[2001:db8::1]:5061;transport=tcp?x=y', 'ann', '2001:db8::1'],
    ['sip:example.org', '', 'example.org'],
    ['tel:+1-201-555-0123;phone-context=x', '+12015550123', ''],
  ])('%s', (text, user, host) => {
    expect(parseUri(text)).toMatchObject({ user, host });
  });

  test.each(['http://x', 'sip:', 'sip:a b@c', 'sip:a@b:99999', 'tel:', ''])('no URI of ours: %j', (text) => {
    expect(parseUri(text)).toBeUndefined();
  });

  test('what is stored has neither password nor parameters', () => {
    const uri = parseUri('sip:ann:secret@[2001:db8::1]:5061;transport=tcp');
    expect(uri && plainUri(uri)).toBe('sip:ann@[2001:db8::1]');
  });

  test('name-addr forms', () => {
    expect(parseNameAddr('"A \\"B\\", C" <sip:a@b;x=y>;tag=t1')).toEqual({
      displayName: 'A "B", C',
      uri: 'sip:a@b;x=y',
      parameters: { tag: 't1' },
    });
    expect(parseNameAddr('sip:a@b;tag=t1')).toEqual({ displayName: '', uri: 'sip:a@b', parameters: { tag: 't1' } });
    expect(formatNameAddr('A "B"', 'sip:a@b')).toBe('"A \\"B\\"" <sip:a@b>');
  });
});

describe('routes', () => {
  const config = configSchema.parse({
    routes: [
      { match: '^1(\\d+)$', to: 'sip:$1@10.0.0.5:5060', record: 'none', language: 'de', phrases: ['Okonkwo'] },
      { match: '^9', to: ['sip:$0@a.example', 'sip:$0@10.0.0.6'] },
      { to: 'sip:operator@10.0.0.7' },
    ],
    trunks: [{ name: 't', host: 'Trunk.Example' }],
  });
  const route = createRouter(config.routes);

  test('the first match wins, groups are put in, the last is the default', () => {
    const settings = { record: 'none', language: 'de', phrases: ['Okonkwo'] };
    expect(route('1234')).toEqual({ targets: ['sip:234@10.0.0.5:5060'], ...settings });
    expect(route('911')?.targets).toEqual(['sip:911@a.example', 'sip:911@10.0.0.6']);
    expect(route('x')?.targets).toEqual(['sip:operator@10.0.0.7']);
    expect(createRouter([])('1')).toBeUndefined();
  });

  test('a dialled user cannot put a host of its own into the target', () => {
    expect(route('9@evil.example;x')?.targets[0]).toBe('sip:9%40evil.example%3Bx@a.example');
  });

  test('redirects may be followed to the hosts that are named', () => {
    expect([...configuredHosts(config)].sort()).toEqual([
      '10.0.0.5',
      '10.0.0.6',
      '10.0.0.7',
      'a.example',
      'trunk.example',
    ]);
  });
});
