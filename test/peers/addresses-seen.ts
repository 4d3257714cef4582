import { expect } from 'vitest';
import type { Baresip } from './baresip.ts';
import type { Site } from './network.ts';

/** Everything the server said to a phone names the server by its address on the phone's network and no other. */
export function expectOnlyOurAddress(phone: Baresip, port: string, at: Site, others: readonly Site[]): void {
  const heard = phone.messages.filter((message) => message.to.startsWith(at.address));
  expect(heard.length).toBeGreaterThan(0);
  for (const { transport, from, text } of heard) {
    // A connection of ours has a port of its own.
    if (transport === 'UDP') expect(from).toBe(`${at.ourAddress}:${port}`);
    else expect(from.startsWith(`${at.ourAddress}:`)).toBe(true);
    expect(text).not.toMatch(/\b(127\.0\.0\.1|0\.0\.0\.0)\b/);
    for (const other of others) expect(text).not.toContain(other.address.replace(/\d+$/, ''));
    const request = !text.startsWith('SIP/2.0');
    if (request) expect(text).toMatch(new RegExp(`^Via: SIP/2.0/${transport} ${at.ourAddress}:${port};`, 'm'));
    for (const [, host] of text.matchAll(/^Contact: <sip:(?:[^@>]*@)?([^>;]*)/gim)) {
      expect(host).toBe(`${at.ourAddress}:${port}`);
    }
    for (const [, address] of text.matchAll(/^[oc]=.*IN IP4 (\S+)/gm)) expect(address).toBe(at.ourAddress);
  }
  expect(heard.some(({ text }) => text.includes('m=audio'))).toBe(true);
}
