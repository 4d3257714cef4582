import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CdrRecord } from '#analytics/types.ts';
import type { SourceState } from '#sip/types.ts';
import { accessibilityFaults, hasChromium } from '#test/dashboards/browser.ts';
import { conferenceCall } from '#test/dashboards/conference-call.ts';
import { exampleRow, refundCall } from '#test/dashboards/example-call.ts';
import type { HttpHouse } from '#test/dashboards/http-house.ts';
import { openPagesHouse, type PagesHouse, type WatchedPage } from '#test/dashboards/pages-house.ts';

const conferenceId = '01938f3e-6b7c-7c2a-9d31-000000000060';
const missingId = '01938f3e-6b7c-7c2a-9d31-000000000061';
const wrongId = '01938f3e-6b7c-7c2a-9d31-000000000062';
const pausedId = '01938f3e-6b7c-7c2a-9d31-000000000063';

const edgeSbc: SourceState = {
  source: 'siprec',
  sourceName: 'edge-sbc',
  firstSeenEpochMs: Date.parse('2026-11-25T08:10:00Z'),
  lastSeenEpochMs: Date.parse('2026-11-25T09:10:00Z'),
  addresses: ['192.0.2.8:5060'],
  callsNow: 1,
  calls: 40,
  remarks: [],
  refused: [
    {
      reason: 'codec-not-supported',
      remedy: 'Offer PCMU or PCMA in the codec policy of the recorder.',
      count: 3,
      lastEpochMs: Date.parse('2026-11-25T09:00:00Z'),
    },
  ],
  ladder: [
    {
      atEpochMs: Date.parse('2026-11-25T09:09:59.120Z'),
      direction: 'received',
      peer: '192.0.2.8:5060',
      transport: 'udp',
      summary: 'INVITE',
      text: 'INVITE sip:recorder@192.0.2.10 SIP/2.0',
    },
    {
      atEpochMs: Date.parse('2026-11-25T09:09:59.130Z'),
      direction: 'sent',
      peer: '192.0.2.8:5060',
      transport: 'udp',
      summary: '200 OK',
      text: 'SIP/2.0 200 OK',
    },
  ],
  lastCallId: conferenceId,
};

describe.skipIf(!hasChromium)('calls however they come in, in Chromium', () => {
  let pages: PagesHouse;
  let house: HttpHouse;
  let watched: WatchedPage;
  let page: Page;
  let open: WatchedPage['open'];

  beforeAll(async () => {
    pages = await openPagesHouse();
    house = pages.house;
    await house.store(conferenceCall(conferenceId, Date.parse('2026-11-17T10:00:00Z')));
    const missing = exampleRow(missingId, Date.parse('2026-11-16T10:00:00Z'), {
      completeness: 'missing',
      assurance: { verdict: 'missing', reason: 'nothing-came', streams: [] },
    });
    house.database.store.write({ op: 'call', call: missing });
    const wrong = refundCall(wrongId, Date.parse('2026-11-15T10:00:00Z'));
    const whole = {
      expectedMs: 40_000,
      heardMs: 40_000,
      silentMs: 9000,
      verdict: 'complete',
      reason: 'all-there',
    } as const;
    const streams = [
      { side: 'caller', ...whole },
      { side: 'callee', ...whole },
    ] as const;
    const assurance = { verdict: 'complete', reason: 'all-there', streams } as const;
    await house.store({ ...wrong, call: { ...wrong.call, completeness: 'complete', assurance } });
    house.sources.states = [edgeSbc];
  });
  afterAll(() => pages.close());
  beforeEach(async () => {
    watched = await pages.newPage({ timezoneId: 'Europe/Berlin' });
    ({ page, open } = watched);
  });
  afterEach(() => watched.close());

  test.each([
    ['calls', '/', '.table'],
    ['call of three sides', `/calls/${conferenceId}`, '.waveform canvas, .waveform-pause'],
    ['call without sound', `/calls/${missingId}`, '.flag-missing'],
    ['assurance', '/assurance?from=2026-11-01&to=2026-11-30', '.share'],
    ['sources', '/sources', '.source'],
  ])('%s: nothing for axe to find, light, dark or narrow', async (_name, path, selector) => {
    await open(path, selector);
    expect(watched.faults).toEqual([]);
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 1280],
      ['light', 400],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
    // axe itself writes styles into the page, which the policy refuses.
    watched.faults.length = 0;
  });

  test('a running call: an alarm while it lasts, a redaction that is told twice stands once, paused and resumed', async () => {
    const row = exampleRow(pausedId, Date.now() - 30_000, {
      state: 'active',
      endedAt: null,
      durationMs: null,
      termination: null,
      notes: [],
    });
    house.live.tell({ type: 'call', call: row });
    house.control.running.add(pausedId);
    await open(`/calls/${pausedId}`, '.connection-live');
    const alarm = {
      findingId: 'alarm',
      callId: pausedId,
      ruleId: 'stream-silent',
      title: 'No sound comes from the callee',
      severity: 'high',
      kind: 'system',
      side: 'callee',
      startMs: 8000,
      endMs: 8000,
      evidence: '',
      utteranceIds: [],
    } as const;
    house.live.tell({ type: 'finding', callId: pausedId, finding: alarm });
    await page.waitForSelector('[role=alert]:has-text("No sound comes from the callee since 0:08.")');
    house.live.tell({
      type: 'finding',
      callId: pausedId,
      finding: { ...alarm, title: 'No sound came from the callee for a while', severity: 'medium', endMs: 12_000 },
    });
    await page.waitForSelector('.finding:has-text("for a while")');
    expect(await page.locator('.flag-alarm').count()).toBe(0);
    expect(await page.locator('.finding').count()).toBe(1);

    const { redactions } = refundCall(pausedId, Date.now());
    for (const redaction of [...redactions, ...redactions.slice(0, 1)])
      house.live.tell({ type: 'redaction', callId: pausedId, redaction });
    await expect.poll(() => page.locator('.redactions li').count()).toBe(redactions.length);

    await page.getByRole('button', { name: 'Pause recording' }).click();
    await expect.poll(() => house.control.pauses).toEqual([[pausedId, true, 'first start']]);
    const pauses = [{ fromMs: 42_000, toMs: null, by: 'first start' }];
    house.live.tell({ type: 'call', call: { ...row, pauses } });
    await page.waitForSelector('[role=status]:has-text("Paused by first start since 0:42")');
    await page.waitForSelector('.happening:has-text("0:42 Paused by first start")');
    await page.getByRole('button', { name: 'Resume recording' }).click();
    await expect.poll(() => house.control.pauses.at(-1)).toEqual([pausedId, false, 'first start']);
    house.control.running.delete(pausedId);
    await page.getByRole('button', { name: 'Resume recording' }).click();
    await page.waitForSelector('.call-actions [role=alert]:has-text("the call is over")');
    house.live.tell({ type: 'end', callId: pausedId });
  });

  test('a call of three sides: who came and went, figures by side, whether it is whole, channels by who is on them', async () => {
    await open(`/calls/${conferenceId}`, '.waveform canvas, .waveform-pause');
    expect(await page.locator('h1').textContent()).toBe('Danacaller → Anna, Bobcallee, agent + Samother');
    const order = await page
      .locator('.transcript > li')
      .evaluateAll((rows) => rows.map((row) => row.querySelector('.speaker')?.textContent ?? row.textContent));
    expect(order).toEqual([
      'Anna',
      'Dana',
      'Anna',
      '0:15 Sam (other) joined',
      'Sam',
      'Dana',
      '0:24 Hold (callee) for 0 s',
      '0:28 Anna (callee) left',
      '0:28 Bob (callee) joined',
      '0:29 Sam (other) left',
      'Bob',
      'Dana',
      '0:38 Paused by Priya for 4 s: nothing was recorded or transcribed',
    ]);
    expect(await page.locator('.lane-name').allTextContents()).toEqual(['caller', 'callee + other']);
    const whole = page.locator('.panel', { hasText: 'Completeness' });
    expect(await whole.locator('p').first().textContent()).toBe(
      'Partial. For a while nothing came of a side, then it came back.',
    );
    expect(await whole.locator('tr', { hasText: 'Packets lost' }).locator('td').allTextContents()).toEqual([
      '0.1 %',
      '0.1 %',
      '6.8 %',
    ]);
    const talk = page.locator('.panel', { hasText: 'Interruptions' });
    expect(await talk.locator('th[scope=col]').allTextContents()).toEqual(['caller', 'callee', 'other']);
  });

  test('caller and callee put right: the page shows what came of it, and who is in which channel', async () => {
    await open(`/calls/${wrongId}`, '.waveform canvas, .waveform-redacted');
    await page.getByRole('button', { name: 'Put right' }).click();
    expect(await accessibilityFaults(page)).toEqual([]);
    watched.faults.length = 0;
    await page.getByLabel('Swap caller and callee: 2001 called Dana Whitfield').check();
    await page.getByLabel('Role of 2001 (callee)').selectOption('agent');
    await page.locator('dialog[open] button[type=submit]').click();
    await page.waitForSelector('h1:has-text("2001caller, agent → Dana Whitfieldcallee")');
    await page.waitForSelector('.row-callee:has-text("I want a refund")');
    expect(await page.locator('.panel', { hasText: 'Interruptions' }).locator('tbody td').allTextContents()).toEqual([
      '17 s',
      '18 s',
      '191 wpm',
      '168 wpm',
      '0',
      '1',
    ]);
    const streams = page.locator('.panel', { hasText: 'Completeness' }).locator('th[scope=col]');
    expect(await streams.allTextContents()).toEqual(['caller', 'callee']);
    const stored = await house.database.calls.get(wrongId);
    expect(stored?.call.parties.map(({ side, role }) => [side, role])).toEqual([
      ['callee', 'unknown'],
      ['caller', 'agent'],
    ]);
    await expect.poll(() => page.locator('.lane-name').allTextContents()).toEqual(['caller', 'callee']);
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await page.getByText('Technical details').click();
    await page.waitForSelector('dd:has-text("the callee is left")');
  });

  test('calls by source and completeness, each with its reason in words; a third party found by side', async () => {
    await open('/', '.table');
    const row = page.locator('.table tbody tr', { has: page.locator(`a[href$="${conferenceId}"]`) });
    expect(await row.locator('.source-cell').textContent()).toBe('edge-sbc SIPREC');
    expect(await row.locator('.completeness').textContent()).toBe('partialstream gaps');
    expect(await row.locator('.completeness').getAttribute('title')).toBe(
      'For a while nothing came of a side, then it came back.',
    );
    await page.locator('select[name=completeness]').selectOption('missing');
    await expect.poll(() => page.locator('.table tbody tr').count()).toBe(1);
    expect(await page.locator('.row-link').getAttribute('href')).toBe(`/calls/${missingId}`);
    await page.goto(`${house.http.url}/?source=siprec&sourceName=edge-sbc`);
    await expect.poll(() => page.locator('.row-link').getAttribute('href')).toBe(`/calls/${conferenceId}`);
    await open('/search?q=lamp&side=other', '.hit-other');
    expect(await page.locator('.hit-head').textContent()).toMatch(/^other: Sam.*Dana → Anna, Bob \+ Sam/);
    await open(`/calls/${missingId}`, '.flag-missing');
    expect(await page.locator('.flag-missing').textContent()).toBe(
      'Missing. The call was answered, and not one packet of sound came.',
    );
  });

  test('files handed in: what was refused says why, what was taken leads to its call', async () => {
    await open('/', '.table');
    await page.getByRole('button', { name: 'Hand in recordings' }).click();
    expect(await accessibilityFaults(page)).toEqual([]);
    watched.faults.length = 0;
    const file = (name: string, content: string) => ({ name, mimeType: 'audio/wav', buffer: Buffer.from(content) });
    await page.locator('input[name=file]').setInputFiles([file('night.wav', 'sound'), file('bad.wav', 'broken')]);
    await page.getByRole('button', { name: 'Hand in', exact: true }).click();
    await page.waitForSelector('.handed-in li:has-text("bad.wav"):has-text("damaged frame (at byte 49156")');
    const taken = page.locator('.handed-in li', { hasText: 'night.wav' });
    expect(await taken.textContent()).toBe('night.wav waits its turn. Open the call');
    expect(await taken.getByRole('link').getAttribute('href')).toMatch(/^\/calls\/[\da-f-]{36}$/);
    await page.locator('input[name=file]').setInputFiles([file('a.wav', 'one side'), file('b.wav', 'other side')]);
    await page.getByLabel('The two files are one call').check();
    await page.getByRole('button', { name: 'Hand in', exact: true }).click();
    await page.waitForSelector('.handed-in li:has-text("a.wav + b.wav")');
    expect(house.ingest.uploads.at(-1)?.files.map(({ name }) => name)).toEqual(['a.wav', 'b.wav']);
  });

  test('sources: what was refused and what to change, the last dialog by keyboard, the sound of its last call', async () => {
    await open('/sources', '.source');
    const card = page.locator('.source');
    expect(await card.locator('.refusals').textContent()).toMatch(/codec-not-supported refused 3 times.*Offer PCMU/);
    await card.getByText('Last SIP dialog, 2 messages').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.rung-text:visible:has-text("INVITE sip:recorder@192.0.2.10")');
    expect(await card.locator('tbody th').allTextContents()).toEqual(['caller', 'callee', 'other']);
    await card.getByRole('link', { name: /^Last call/ }).click();
    await page.waitForSelector('h1:has-text("Sam")');
    house.sources.states = [];
    await open('/sources', '.empty');
    expect(await page.locator('.empty').textContent()).toContain('docs/pbx/siprec.md');
    expect(await page.locator('.reach').textContent()).toContain('127.0.0.1:5060/udp');
    house.sources.states = [edgeSbc];
  });

  test('assurance: the share by source and day, what is not whole with its reason, CDRs without a call', async () => {
    const record = (recordId: string): CdrRecord => ({
      recordId,
      sourceName: 'asterisk',
      uniqueId: `id-of-${recordId}`,
      groupId: null,
      startedAt: '2026-11-17T11:00:00.000Z',
      answeredAt: '2026-11-17T11:00:03.000Z',
      endedAt: '2026-11-17T11:01:03.000Z',
      talkedMs: 60_000,
      caller: '2001',
      callee: '2002',
      aliases: [],
      sipCallIds: [],
      excluded: null,
    });
    const file = {
      path: '/var/log/cdr/Master.csv',
      sourceName: 'asterisk',
      headBytes: 1,
      headSha256: 'a'.repeat(64),
      offsetBytes: 1,
      lines: 3,
      header: null,
      badLines: 1,
      lastBadLine: 2,
      lastBadProblem: 'too few columns',
      firstSeenAt: '2026-11-17T11:00:00.000Z',
      readAt: '2026-11-17T12:00:00.000Z',
    };
    await house.database.cdrs.take(file, [record('lost'), record('found')]);
    await house.database.cdrs.settle([
      { recordId: 'lost', state: 'unmatched', nextCheckAt: null },
      { recordId: 'found', state: 'matched', callId: conferenceId },
    ]);
    await open('/assurance?from=2026-11-16&to=2026-11-17', '.share');
    expect(await page.locator('.assurance-share').textContent()).toBe(
      '0.0 %below of the calls that were to be kept are complete; the target is 99.5 %.',
    );
    const sbc = page.locator('section[aria-labelledby=by-source] > .table-frame tbody tr', { hasText: 'edge-sbc' });
    expect(await sbc.locator('td').allTextContents()).toEqual(['0.0 %below', '1', '0', '1', '0', '0']);
    const days = page.locator('details', { hasText: 'edge-sbc' });
    expect(await days.locator('tbody th').allTextContents()).toEqual(['2026-11-17']);
    expect(await days.locator('.assurance-reasons').textContent()).toBe(
      '1 partial For a while nothing came of a side, then it came back.',
    );
    const flagged = page.locator('section[aria-labelledby=flagged] tbody tr');
    expect(await flagged.locator('.why').allTextContents()).toEqual([
      'partial For a while nothing came of a side, then it came back.',
      'missing The call was answered, and not one packet of sound came.',
    ]);
    const cdrs = page.locator('section[aria-labelledby=cdrs]');
    expect(await cdrs.locator('.quiet-line').textContent()).toMatch(
      /^2 records of the PBX: 1 with a call here, 1 without/,
    );
    expect(await cdrs.locator('tbody').textContent()).toContain('id-of-lost');
    expect(await cdrs.textContent()).toContain('1 could not be read, the last of them line 2: too few columns.');
    await days.getByRole('link', { name: '1 partial' }).click();
    await expect.poll(() => page.locator('.row-link').getAttribute('href')).toBe(`/calls/${conferenceId}`);
    await open('/assurance?from=2026-01-01&to=2026-01-02', '.empty');
    expect(await page.locator('.empty').textContent()).toContain('No call began in this time.');
  });

  test('a reader sees assurance; sources, files in and putting right are for administrators', async () => {
    const password = 'correct horse battery';
    await house.database.users.add({ name: 'Ravi', role: 'reader', password });
    const reader = await pages.newPage({ storageState: { cookies: [], origins: [] } });
    await reader.open('/login', '.login-card');
    await reader.page.getByLabel('User name').fill('Ravi');
    await reader.page.getByLabel('Password').fill(password);
    await reader.page.keyboard.press('Enter');
    await reader.page.waitForSelector('.table');
    expect(await reader.page.locator('.nav-link').allTextContents()).toEqual(['Calls', 'Search', 'Assurance']);
    expect(await reader.page.getByRole('button', { name: 'Hand in recordings' }).count()).toBe(0);
    await reader.open('/sources', '.empty');
    await reader.open('/assurance', '.assurance');
    await reader.open(`/calls/${conferenceId}`, '.call-actions');
    expect(await reader.page.locator('.call-actions .button:visible').allTextContents()).toEqual(['Transcript']);
    await reader.close();
  });
});
