import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessibilityFaults, hasChromium } from '#test/dashboards/browser.ts';
import { refundCall } from '#test/dashboards/example-call.ts';
import type { HttpHouse } from '#test/dashboards/http-house.ts';
import { openPagesHouse, type PagesHouse, type WatchedPage } from '#test/dashboards/pages-house.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const password = 'correct horse battery';

describe.skipIf(!hasChromium)('words on the call page in Chromium', () => {
  let pages: PagesHouse;
  let house: HttpHouse;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    pages = await openPagesHouse();
    house = pages.house;
    const call = refundCall(callId, Date.parse('2026-11-20T10:00:00Z'));
    const unsure = call.utterances.map((utterance) => {
      const words = utterance.words.map((word) => (word.text === 'Northwind,' ? { ...word, confidence: 0.31 } : word));
      return { ...utterance, words };
    });
    await house.store({ ...call, utterances: unsure });
    await house.database.users.add({ name: 'Priya', role: 'reader', password });
  });
  afterAll(() => pages.close());
  beforeEach(async () => {
    watched = await pages.newPage();
    page = watched.page;
    await watched.open(`/calls/${callId}`, '.row-text');
  });
  afterEach(() => watched.close());

  test('a word that was heard unsurely is marked, to the eye and to the ear; VTT and text have no mark', async () => {
    const unsure = page.locator('.word-unsure');
    expect(await unsure.count()).toBe(1);
    expect(await unsure.textContent()).toBe('Northwind, (unsure)');
    expect(await unsure.getAttribute('title')).toBe('Heard with 31 % confidence');
    for (const format of ['vtt', 'txt']) {
      const answer = await house.ask(`/api/v1/calls/${callId}/transcript?format=${format}`, 'reader');
      expect(await answer.text()).not.toMatch(/unsure|31 %/);
    }
  });

  test('words are put right in their place; what stood there before can be opened', async () => {
    const row = page.locator('.row').first();
    await row.getByRole('button', { name: /Correct what was said/ }).click();
    const field = row.getByRole('textbox', { name: 'What was said' });
    expect(await field.inputValue()).toBe('Good morning, this is Anna from Northwind, how can I help you?');
    expect(await accessibilityFaults(page)).toEqual([]);
    watched.faults.length = 0;
    await field.fill('Good morning, this is Anneke from Northwind, how can I help you?');
    await row.getByRole('button', { name: 'Put right' }).click();
    await page.getByText('put right by a person').click();
    expect(await row.locator('.row-text').textContent()).toContain('this is Anneke from');
    await expect
      .poll(() => row.locator('.earlier-text').textContent())
      .toBe('heard during the call: Good morning, this is Anna from Northwind, how can I help you?');
    expect(await accessibilityFaults(page)).toEqual([]);
    watched.faults.length = 0;
  });

  test('a mask cannot be typed over, and says so in place; Escape leaves the words as they were', async () => {
    const row = page.locator('.row', { hasText: 'the code is' });
    const before = await row.locator('.row-text').textContent();
    await row.getByRole('button', { name: /Correct what was said/ }).click();
    await row.getByRole('textbox').fill('Yes, it is 4111 1111 1111 1111');
    await row.getByRole('button', { name: 'Put right' }).click();
    await page.getByText('what is masked').waitFor();
    await row.getByRole('textbox').press('Escape');
    expect(await row.locator('.row-text').textContent()).toBe(before);
  });

  test('who only reads is offered nothing to change', async () => {
    const reader = await pages.newPage({ storageState: { cookies: [], origins: [] } });
    await reader.page.goto(`${house.http.url}/calls/${callId}`);
    await reader.page.fill('input[name=name]', 'Priya');
    await reader.page.fill('input[type=password]', password);
    await reader.page.keyboard.press('Enter');
    await reader.page.waitForSelector('.row-text');
    expect(await reader.page.locator('.row-correct').count()).toBe(0);
    await reader.close();
  });
});
