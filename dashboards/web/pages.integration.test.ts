import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensureWebBuilt } from '#dashboards/build.ts';
import { silentLogger } from '#lib/log.ts';
import { accessibilityFaults, hasChromium, openBrowser } from '#test/dashboards/browser.ts';
import { exampleRow, exampleUtterance, refundCall, wordsOf } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const liveId = '01938f3e-6b7c-7c2a-9d31-000000000090';
const partialId = '01938f3e-6b7c-7c2a-9d31-000000000080';
const password = 'correct horse battery';

describe.skipIf(!hasChromium)('pages in Chromium', () => {
  let house: HttpHouse;
  let browser: Browser;
  let page: Page;
  /** Errors of scripts, and every request or style that the policy refused or that went to another host. */
  let faults: string[];
  let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;

  const signInByLink = async (on: Page): Promise<void> => {
    await on.goto(await house.http.oneTimeLink());
    await on.waitForSelector('h1:has-text("Calls")');
  };

  beforeAll(async () => {
    house = await openHttpHouse({ webDir: await ensureWebBuilt(silentLogger) });
    await house.store(refundCall(callId, Date.parse('2026-11-20T10:00:00Z')));
    await house.database.users.add({ name: 'Priya', role: 'admin', password });
    const partial = exampleRow(partialId, Date.parse('2026-11-19T10:00:00Z'), {
      completeness: 'partial',
      notes: [{ atMs: 62_000, note: 'stream-silent', detail: 'no packets from the callee for 30 s' }],
    });
    house.database.store.write({ op: 'call', call: partial });
    browser = await openBrowser();
    const context = await browser.newContext();
    await signInByLink(await context.newPage());
    signedIn = await context.storageState();
    await context.close();
  });
  afterAll(async () => {
    await browser.close();
    await house.close();
  });
  beforeEach(async () => {
    const context = await browser.newContext({ colorScheme: 'light', storageState: signedIn });
    page = await context.newPage();
    faults = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|Refused/.test(message.text()))
        faults.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(house.http.url)) faults.push(request.url());
    });
  });
  afterEach(async () => {
    await page.context().close();
    if (faults.length > 0) throw new Error(`the page has faults: ${faults.join('; ')}`);
  });

  const open = async (path: string, selector: string): Promise<void> => {
    await page.goto(`${house.http.url}${path}`);
    await page.waitForSelector(selector);
  };
  const count = async (action: string): Promise<number> =>
    (await house.database.audit.list({ action, limit: 200 })).items.length;
  const actions = async (): Promise<(string | undefined)[]> =>
    (await house.database.audit.list({ limit: 50 })).items.map((row) => row.entry?.action);

  test.each([
    ['calls', '/', '.table'],
    ['call', `/calls/${callId}`, '.waveform canvas, .waveform-redacted'],
    ['search', '/search?q=refund', '.hit mark'],
    ['audit', '/audit', '.table'],
    ['access', '/access', '.table'],
    ['exports', '/exports', '.filters'],
  ])('%s: nothing for axe to find, light or dark', async (_name, path, selector) => {
    await open(path, selector);
    expect(faults).toEqual([]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page)).toEqual([]);
    // axe itself writes styles into the page, which the policy refuses.
    faults = [];
  });

  test('sign in by keyboard alone, and out', async () => {
    await signInByLink(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForSelector('.login-card');
    expect(await accessibilityFaults(page)).toEqual([]);
    faults = [];
    await page.getByLabel('User name').focus();
    await page.keyboard.type('Priya');
    await page.keyboard.press('Tab');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Calls")');
    expect(await page.textContent('.who-name')).toBe('Priya');
  });

  test('a running call: partial words grey, then final in their place, then the whole call with its sound', async () => {
    const row = exampleRow(liveId, Date.now() - 5000, {
      state: 'active',
      endedAt: null,
      durationMs: null,
      termination: null,
    });
    await open('/', '.live');
    house.live.tell({ type: 'call', call: row });
    await page.waitForSelector('.live-card');
    await page.click('.live-card-link');
    await page.waitForSelector('.connection-live');
    const partial = wordsOf('I want a re', 1000, 2000);
    house.live.tell({ type: 'partial', callId: liveId, side: 'caller', segmentId: 's1', words: partial });
    await page.waitForSelector('.row-partial:has-text("I want a re")');
    const utterance = exampleUtterance(liveId, 1, ['caller', 1000, 2600, 'I want a refund.', -1]);
    house.live.tell({ type: 'utterance', callId: liveId, segmentId: 's1', utterance });
    await page.waitForSelector('.row-caller:not(.row-partial):has-text("I want a refund.")');
    expect(await page.locator('.row').count()).toBe(1);
    const finished = refundCall(liveId, Date.now() - 50_000);
    await house.store(finished);
    house.live.tell({ type: 'end', callId: liveId });
    await page.waitForSelector('.waveform');
    expect(await page.locator('.row').count()).toBe(finished.utterances.length);
    expect(await page.locator('.connection').count()).toBe(0);
  });

  test('a search result opens its call at the moment, and plays it', async () => {
    await open('/', '.table');
    await page.click('nav >> text=Search');
    await page.getByLabel('Words').fill('"second time"');
    await page.keyboard.press('Enter');
    await page.click('.hit-link');
    await page.waitForSelector('.row-found:has-text("This is the second time")');
    await page.waitForSelector('.row-found.row-said .word-lit');
    // The first word of the phrase is said 14.9 s into the call.
    expect(Number(new URL(page.url()).searchParams.get('t'))).toBe(14_900);
    await page.waitForSelector('.play:has-text("Pause")');
  });

  test('play, lit words, and a click on a word: heard from second to second is on record', async () => {
    await open(`/calls/${callId}`, '.waveform');
    const playedBefore = await count('recording-played');
    await page.waitForTimeout(300);
    // Nothing is fetched by only looking.
    expect(await count('recording-played')).toBe(playedBefore);
    await page.locator('h1').focus();
    await page.keyboard.press('Space');
    await page.waitForSelector('.play:has-text("Pause")');
    await page.locator('.word:has-text("terrible")').first().click();
    await page.waitForSelector('.word-lit:has-text("terrible")');
    await page.waitForTimeout(600);
    await page.locator('h1').focus();
    await page.keyboard.press('Space');
    await page.waitForSelector('.play:has-text("Play")');
    expect(await count('recording-played')).toBeGreaterThan(playedBefore);
    await expect.poll(actions).toContain('recording-listened');
    const { items } = await house.database.audit.list({ action: 'recording-listened', limit: 1 });
    expect(items[0]?.entry?.target).toEqual({ kind: 'call', id: callId });
    const detail = items[0]?.entry?.detail as { fromS: number; toS: number };
    expect(detail.fromS).toBeGreaterThan(15);
    expect(detail.toS).toBeLessThan(18);
  });

  test('up and down go through the transcript; masks are shown, never digits', async () => {
    await open(`/calls/${callId}`, '.transcript');
    await page.locator('button.row-time').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('0:09');
    expect(await page.locator('.row .mask').allTextContents()).toEqual(['▮▮▮ card number', '▮▮▮ security code']);
  });

  test('a finding shows its sentence, and leads to it', async () => {
    await open(`/calls/${callId}`, '.waveform');
    const finding = page.locator('.finding', { hasText: 'Refund asked for' });
    expect(await finding.locator('.finding-words').textContent()).toContain('This is the second time');
    expect(await finding.locator('mark').textContent()).toBe('I want a refund, please.');
    await finding.getByRole('button').click();
    await page.waitForSelector('.row[data-shown]:has-text("I want a refund, please.")');
    await page.waitForSelector('.play:has-text("Pause")');
  });

  test('what is missing of a call is said, and why', async () => {
    await open(`/calls/${partialId}`, '.flag-partial');
    expect(await page.locator('.flag-reasons').textContent()).toBe(
      'Stream silent at 1:02: no packets from the callee for 30 s',
    );
  });

  test('a session that is ended elsewhere leads to the sign-in, also from a page that only watches', async () => {
    await signInByLink(page);
    await page.waitForSelector('.connection-live');
    const [cookie] = await page.context().cookies();
    await house.database.sessions.end(cookie?.value ?? '');
    const key = await house.database.keys.add({ name: 'passing', role: 'reader' });
    // Any change to who may look makes the server look at its watchers.
    await house.ask(`/api/v1/keys/${key.key.keyId}`, 'admin', { method: 'DELETE' });
    await page.waitForSelector('.login-card');
    expect(await page.locator('.nav').count()).toBe(0);
  });

  test('export and delete', async () => {
    await open(`/calls/${liveId}`, '.waveform');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.waitForSelector('.digest');
    await page.goBack();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.waitForSelector('h1:has-text("Calls")');
    expect(await house.database.calls.get(liveId)).toBeUndefined();
    expect(await actions()).toEqual(expect.arrayContaining(['call-deleted', 'export-made', 'call-exported']));
  });
});
