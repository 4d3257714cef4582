import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasFlite } from '#lib/testing/flite.ts';
import type { Utterance } from '#analytics/types.ts';
import { accessibilityFaults, hasChromium } from '#test/dashboards/browser.ts';
import { exampleRow, exampleUtterance, type ExampleCall } from '#test/dashboards/example-call.ts';
import { openPagesHouse, type PagesHouse, type WatchedPage } from '#test/dashboards/pages-house.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000070';
/** Three people around one telephone; the second is known by her voice, and once they speak at the same time. */
function sharedCall(): ExampleCall {
  const said = (
    index: number,
    label: string,
    startMs: number,
    text: string,
    more: Partial<Utterance> = {},
  ): Utterance => {
    const spoken = exampleUtterance(callId, index, ['mixed', startMs, startMs + 3000, text, 0]);
    const unnamed = `Speaker ${label}`;
    const voice = { label, overlaps: false, unnamed, match: null };
    return { ...spoken, partyId: null, speaker: unnamed, voice, ...more };
  };
  const match = { speakerId: 'anna', probability: 0.987 };
  const anna = { label: '2', overlaps: false, unnamed: 'Speaker 2', match };
  const sentiment = { meanOfQuarters: null, meanOfUtterances: null, quarters: [null, null, null, null] };
  const figures = (label: string, talkMs: number) =>
    ({ side: 'mixed', label, talkMs, talkSpeedWpm: 140, interruptions: 0, sentiment }) as const;
  return {
    call: exampleRow(callId, Date.parse('2026-11-20T10:00:00Z'), {
      source: 'ingest',
      parties: [
        { partyId: 'm', side: 'mixed', uri: null, displayName: null, role: 'unknown', joinedMs: 0, leftMs: null },
      ],
    }),
    utterances: [
      said(0, '1', 900, 'Good morning everybody, shall we begin?'),
      said(1, '2', 4900, 'Yes, I have the figures for November here.', { speaker: 'Anna Berg', voice: anna }),
      said(2, '3', 8900, 'Sorry, may I ask something first?'),
      said(3, '1', 10_900, 'Of course, go on.', {
        voice: { label: '1', overlaps: true, unnamed: 'Speaker 1', match: null },
      }),
      said(4, '3', 14_900, 'Who has sent the letter to the supplier?'),
    ],
    findings: [],
    redactions: [],
    metrics: {
      callId,
      durationMs: 44_600,
      talkMs: { mixed: 15_000 },
      talkSpeedWpm: { mixed: 140 },
      overtalkMs: 1000,
      nonTalkMs: 8200,
      holdMs: 0,
      interruptions: { mixed: 0 },
      interruptionThresholdMs: 500,
      sentiment: { mixed: sentiment },
      speakers: [figures('1', 6000), figures('2', 3000), figures('3', 6000)],
    },
  };
}

describe.skipIf(!hasChromium)('speakers on the pages, in Chromium', () => {
  let pages: PagesHouse;
  let watched: WatchedPage;
  let page: Page;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sidetone-voices-'));
    pages = await openPagesHouse();
    await pages.house.store(sharedCall());
    watched = await pages.newPage();
    page = watched.page;
  });
  afterAll(async () => {
    await watched?.close();
    await pages?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** axe itself writes styles into the page, which the policy refuses. */
  async function faultsByAxe(): Promise<readonly string[]> {
    expect(watched.faults).toEqual([]);
    const found = await accessibilityFaults(page);
    watched.faults.length = 0;
    return found;
  }

  test('who shares a stream has a name, a colour and figures of their own, and is named by a person', async () => {
    await watched.open(`/calls/${callId}`, '.transcript .row');
    const names = () => page.locator('.transcript .speaker').allTextContents();
    expect(await names()).toEqual(['Speaker 1', 'Anna Berg', 'Speaker 3', 'Speaker 1', 'Speaker 3']);
    const grounds = await page
      .locator('.transcript .row')
      .evaluateAll((rows) => rows.map((row) => getComputedStyle(row).backgroundColor));
    expect(new Set(grounds).size).toBe(3);
    expect(grounds[0]).toBe(grounds[3]);
    expect(await page.locator('.row', { hasText: 'figures for November' }).textContent()).toContain('by voice, 98 %');
    expect(await page.locator('.row', { hasText: 'go on' }).textContent()).toContain('others speak too');
    expect(await page.locator('.small-table', { hasText: 'Interrupts' }).textContent()).toMatch(/Anna Berg3(\.0)? s/);
    expect(await faultsByAxe()).toEqual([]);

    await page.click('button:has-text("Put right")');
    await page.fill('label:has-text("Who is Speaker 3?") input', 'Tom');
    await page.click('dialog button[type=submit]');
    await expect.poll(names).toEqual(['Speaker 1', 'Anna Berg', 'Tom', 'Speaker 1', 'Tom']);
    expect((await pages.house.database.calls.transcript(callId))[1]?.voice?.match).toMatchObject({ speakerId: 'anna' });
  });

  test.skipIf(!hasFlite)('an admin enrols a voice on a consent, sees it listed, and forgets it', async () => {
    const wav = join(folder, 'anna.wav');
    const text = 'Good morning, you have reached the service desk. I can see the order here, and it left on Tuesday.';
    execFileSync('flite', ['-voice', 'slt', '-t', `${text} ${text}`, '-o', wav]);
    await watched.open('/access', 'a:has-text("Enrolled voices")');
    await page.click('a:has-text("Enrolled voices")');
    await page.waitForSelector('text=Nobody is enrolled.');
    await page.fill('input[name=name]', 'Anna Berg');
    await page.fill('input[name=consentGivenBy]', 'Anna Berg');
    await page.fill('input[name=consentGivenAt]', '2026-11-01');
    await page.fill('input[name=consentHow]', 'signed form');
    await page.fill('input[name=consentReference]', 'HR 2026-114');
    await page.setInputFiles('input[name=file]', wav);
    await page.click('button:has-text("Enrol")');
    await page.waitForSelector('text=Anna Berg is enrolled.', { timeout: 60_000 });
    await page.waitForSelector('tbody tr');
    expect(await page.locator('tbody tr').textContent()).toMatch(
      /Anna Berg.*signed form, by Anna Berg.*HR 2026-114.*never/,
    );
    expect(await faultsByAxe()).toEqual([]);
    page.once('dialog', (asked) => void asked.accept());
    await page.click('button:has-text("Forget")');
    await page.waitForSelector('text=Nobody is enrolled.');
    expect(await pages.house.database.speakers.list()).toEqual([]);
  });
});
