import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessibilityFaults, hasChromium } from '#test/dashboards/browser.ts';
import { exampleRow, exampleUtterance, refundCall, wordsOf } from '#test/dashboards/example-call.ts';
import type { HttpHouse } from '#test/dashboards/http-house.ts';
import { openPagesHouse, type PagesHouse, type WatchedPage } from '#test/dashboards/pages-house.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const liveId = '01938f3e-6b7c-7c2a-9d31-000000000090';
const doomedId = '01938f3e-6b7c-7c2a-9d31-000000000070';
const partialId = '01938f3e-6b7c-7c2a-9d31-000000000080';
const password = 'correct horse battery';

describe.skipIf(!hasChromium)('pages in Chromium', () => {
  let pages: PagesHouse;
  let house: HttpHouse;
  let watched: WatchedPage;
  let page: Page;
  let open: WatchedPage['open'];

  beforeAll(async () => {
    pages = await openPagesHouse();
    house = pages.house;
    await house.store(refundCall(callId, Date.parse('2026-11-20T10:00:00Z')));
    await house.database.users.add({ name: 'Priya', role: 'admin', password });
    const partial = exampleRow(partialId, Date.parse('2026-11-19T10:00:00Z'), {
      completeness: 'partial',
      notes: [{ atMs: 62_000, note: 'stream-silent', detail: 'no packets from the callee for 30 s' }],
    });
    house.database.store.write({ op: 'call', call: partial });
  });
  afterAll(() => pages.close());
  beforeEach(async () => {
    watched = await pages.newPage({ timezoneId: 'Europe/Berlin' });
    ({ page, open } = watched);
  });
  afterEach(() => watched.close());

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
    expect(watched.faults).toEqual([]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page)).toEqual([]);
    // axe itself writes styles into the page, which the policy refuses.
    watched.faults.length = 0;
  });

  test('sign in by keyboard alone, and out', async () => {
    await pages.signInByLink(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForSelector('.login-card');
    expect(await accessibilityFaults(page)).toEqual([]);
    watched.faults.length = 0;
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

  test('who could not be signed out is told so, and stays', async () => {
    await open('/', '.table');
    await page.route('**/api/v1/session', (route) => route.abort());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForSelector('[role=alert]:has-text("You are still signed in. The server cannot be reached.")');
    expect(await page.locator('.login-card').count()).toBe(0);
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

  test('a search leads to its results by one key; one of them opens its call at the moment, and plays it', async () => {
    await open('/', '.table');
    await page.click('nav >> text=Search');
    await page.getByLabel('Words').fill('"second time"');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h2:focus');
    expect(await page.locator('[role=status]').textContent()).toMatch(/^\d results? \(Europe\/Berlin\)$/);
    await page.keyboard.press('Tab');
    await page.waitForSelector('.hit-link:focus');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.row-found:has-text("This is the second time")');
    await page.waitForSelector('.row-found.row-said .word-lit');
    // The first word of the phrase is said 14.9 s into the call.
    expect(Number(new URL(page.url()).searchParams.get('t'))).toBe(14_900);
    await page.waitForSelector('.play:has-text("Pause")');
  });

  test('who found nothing stays in the field, and hears so', async () => {
    await open('/search', 'form');
    await page.getByLabel('Words').fill('aubergine');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=status]:has-text("nothing found")');
    expect(await page.evaluate('document.activeElement.name')).toBe('q');
  });

  test('times are those of the browser, and say of which zone', async () => {
    await open('/', '.table');
    expect(await page.locator('th', { hasText: 'Started' }).textContent()).toBe('Started (Europe/Berlin)');
    const started = page.locator(`.row-link[href$="${callId}"] time`);
    expect(await started.textContent()).toMatch(/11:00/);
    expect(await started.getAttribute('title')).toMatch(/11:00:00.*GMT\+01:00, in UTC 2026-11-20T10:00:00\.000Z/);
    await open(`/calls/${callId}`, '.call-facts');
    expect(await page.locator('.call-facts time').textContent()).toMatch(/11:00:00.*GMT\+01:00/);
  });

  test('access: added, ended, and what went wrong stays beside its form', async () => {
    await open('/access', '.table');
    const users = page.getByRole('form', { name: 'Add a user' });
    await users.getByLabel('Name').fill('Priya');
    await users.getByLabel('Password').fill(password);
    await users.getByRole('button').click();
    await page.waitForSelector('section[aria-labelledby=users-title] [role=alert]');
    await users.getByLabel('Name').fill('Sam');
    await users.getByRole('button').click();
    await page.waitForSelector('td:has-text("Sam")');
    expect(await users.getByLabel('Name').inputValue()).toBe('');
    expect(await page.locator('[role=alert]').count()).toBe(0);
    const keys = page.getByRole('form', { name: 'Add an API key' });
    await keys.getByLabel('Name').fill('wall board');
    await keys.getByRole('button').click();
    await page.waitForSelector('.note code');
    await page.getByRole('button', { name: 'Revoke wall board' }).click();
    await page.waitForSelector('tr:has-text("wall board"):has-text("revoked")');
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
    // A word is lit for a moment only, which a busy machine may look past.
    await page.evaluate(`
      globalThis.lit = new Set();
      new MutationObserver(() => {
        for (const word of document.querySelectorAll('.word-lit')) globalThis.lit.add(word.textContent);
      }).observe(document.querySelector('.transcript'), { subtree: true, childList: true, attributes: true });
    `);
    await page.locator('.word:has-text("terrible")').first().click();
    await expect.poll(() => page.evaluate('[...globalThis.lit]')).toContain('terrible.');
    // Heard, and not only jumped to: a busy machine may take its time before sound comes.
    const atMs = async (): Promise<number> => Number(await page.locator('.scrubber').inputValue());
    const jumpedToMs = await atMs();
    await expect.poll(atMs, { timeout: 20_000 }).toBeGreaterThan(jumpedToMs + 1500);
    await page.locator('h1').focus();
    await page.keyboard.press('Space');
    await page.waitForSelector('.play:has-text("Play")');
    expect(await count('recording-played')).toBeGreaterThan(playedBefore);
    await expect.poll(actions).toContain('recording-listened');
    const { items } = await house.database.audit.list({ action: 'recording-listened', limit: 1 });
    expect(items[0]?.entry?.target).toEqual({ kind: 'call', id: callId });
    const detail = items[0]?.entry?.detail as { fromS: number; toS: number };
    expect(detail.fromS).toBeGreaterThan(15);
    expect(detail.toS).toBeGreaterThan(detail.fromS + 0.2);
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
    await pages.signInByLink(page);
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
    await house.store(refundCall(doomedId, Date.parse('2026-11-18T10:00:00Z')));
    await open(`/calls/${doomedId}`, '.waveform');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.waitForSelector('.digest');
    await page.goBack();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.waitForSelector('h1:has-text("Calls")');
    expect(await house.database.calls.get(doomedId)).toBeUndefined();
    expect(await actions()).toEqual(expect.arrayContaining(['call-deleted', 'export-made', 'call-exported']));
  });
});
