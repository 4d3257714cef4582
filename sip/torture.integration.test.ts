import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLink, type SipLink } from './siprec/testing/sip-link.ts';
import { openBench, type Bench } from './testing/bench.ts';
import type { RawMessage } from './testing/raw-message.ts';
import { RawUa, sdp } from './testing/raw-ua.ts';
import { request, type TortureCase } from './testing/torture/case.ts';
import { invalidCases, semanticCases } from './testing/torture/invalid.ts';
import { tortureResponses } from './testing/torture/responses.ts';
import { validCases } from './testing/torture/valid.ts';

/** RFC 4475 by its sections: messages of our own, over real sockets, against the whole of sip/. */
let bench: Bench;
let cases = 0;
const patience = { timeout: 5000, interval: 5 };
beforeAll(async () => {
  bench = await openBench({}, { t1Ms: 50 });
});
afterAll(() => bench.close());

class Sender {
  readonly #link: SipLink;
  readonly #heard: RawMessage[] = [];

  private constructor(link: SipLink) {
    this.#link = link;
    link.onMessage((message) => this.#heard.push(message));
  }

  static async open(transport: 'udp' | 'tcp'): Promise<Sender> {
    const port = bench.server.bindings.find((each) => each.transport === transport)?.port ?? 0;
    return new Sender(await openLink(transport, port));
  }

  get transport(): 'UDP' | 'TCP' {
    return this.#link.transport;
  }

  get port(): number {
    return this.#link.port;
  }

  send(message: string | Buffer): void {
    this.#link.send(message);
  }

  finals(mark = ''): RawMessage[] {
    return this.#heard.filter((message) => message.status >= 200 && message.text.includes(mark));
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

/** The server is there, and had nothing to do for whatever was sent before. */
async function ping(sender: Sender): Promise<void> {
  const mark = `ping${++cases}`;
  sender.send(request({ transport: sender.transport, port: sender.port, serverPort: bench.port, mark }));
  await expect.poll(() => sender.finals(mark).map(({ status }) => status), patience).toEqual([200]);
}

const messages: readonly TortureCase[] = [...validCases, ...invalidCases, ...semanticCases];
const overBoth = (['udp', 'tcp'] as const).flatMap((transport) =>
  messages
    .filter(({ only }) => only === undefined || only === transport)
    .map((each) => [each.section, transport, each.what, each] as const),
);

test.each(overBoth)('RFC 4475 section %s over %s: %s', async (_section, transport, _what, torture) => {
  const sender = await Sender.open(transport);
  const mark = `t${++cases}x`;
  const { callee } = bench;
  const before = callee.heard('INVITE');
  sender.send(torture.message({ transport: sender.transport, port: sender.port, serverPort: bench.port, mark }));
  if (torture.expected === 'rings') {
    callee.reply(await callee.expect('INVITE'), 486);
    await expect.poll(() => sender.finals().map(({ status }) => status), patience).toContain(486);
  } else {
    await expect.poll(() => sender.finals().map(({ status }) => status), patience).toContain(torture.expected);
    const [name, holds] = torture.field ?? ['Via', ''];
    expect(sender.finals()[0]?.header(name).toLowerCase()).toContain(holds.toLowerCase());
    await ping(sender);
    expect(callee.heard('INVITE')).toBe(before);
  }
  await sender.close();
});

test.each(tortureResponses)('RFC 4475 section $section, a response: $what', async ({ text, expected }) => {
  const [caller, { callee, port }] = [await RawUa.open(), bench];
  const invite = caller.invite({ port, body: sdp() });
  const offered = await callee.expect('INVITE');
  callee.sendText(text(offered, callee.port), offered.source.port);
  if (expected !== 'silence') await caller.expect((message) => message.status === expected);
  callee.reply(offered, 486);
  const final = await caller.expect((message) => message.status >= 200);
  expect(final.status).toBe(486);
  caller.ack(invite, final);
  await caller.close();
});

test.each([
  ['3.1.2.2', 'length', '9999'],
  ['3.1.2.3', 'length', '-999'],
  ['3.3.9', 'two', '139'],
] as const)(
  'RFC 4475 section %s over tcp: a stream that cannot be cut is closed, others go on',
  async (_, kind, length) => {
    const [broken, other] = [await Sender.open('tcp'), await Sender.open('tcp')];
    const place = { transport: 'TCP', port: broken.port, serverPort: bench.port, mark: `t${++cases}x` } as const;
    broken.send(request(place, kind === 'two' ? { more: [`Content-Length: ${length}`], body: 'x' } : { length }));
    await ping(other);
    expect(broken.finals()).toEqual([]);
    await Promise.all([broken.close(), other.close()]);
  },
);
