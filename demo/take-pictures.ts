import { mkdtempSync, openAsBlob, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { loadConfig } from '#lib/config/load.ts';
import { createLogger } from '#lib/log.ts';
import { openBrowser } from '#test/dashboards/browser.ts';
import { readTelephoneSound } from '../cli/commands/call.ts';
import { demoEnvironment } from '../cli/demo-environment.ts';
import { demoPeople, recogniserReady } from '../cli/demonstration.ts';
import { callBetweenPhones, type PairOptions, type PairResult } from '../cli/softphone/pair.ts';
import { startSidetone } from '../main.ts';

/**
 * Takes the pictures of docs/images anew, of real calls through a server of its own: `node demo/take-pictures.ts`.
 * Chromium has to be there; it takes about two minutes.
 */
const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/images' } } });
const outDir = resolve(values.out);
const rootDir = resolve(import.meta.dirname, '..');
const view = { width: 1400, height: 900 };
const password = 'correct horse battery';

/** Short calls that were there before the one that is looked at. */
const earlier = [
  { caller: 'billing', callee: 'thanks', people: { caller: { displayName: 'Sam Okafor' }, calleeUser: '2003' } },
  { caller: 'appointment', callee: 'weather', people: { caller: { user: '+12025550171' }, calleeUser: '2002' } },
  { caller: 'refund', callee: 'thanks', people: { caller: { displayName: 'Lena Fischer' }, calleeUser: '2001' } },
] as const;

const dataDir = mkdtempSync(join(tmpdir(), 'sidetone-pictures-'));
const config = loadConfig(undefined, demoEnvironment({}, { dataDir, freeHttpPort: 0 }), import.meta.dirname);
const sidetone = await startSidetone(config, createLogger('error'));
const browser = await openBrowser();
try {
  await recogniserReady(sidetone.recogniser);
  await sidetone.database.whenReady();
  await sidetone.database.users.add({ name: 'Priya Raman', role: 'admin', password });
  for (const { caller, callee, people } of earlier)
    await call(`test/speech/${caller}`, `test/speech/${callee}`, people);
  await handIn('test/speech/weather');
  const page = await signedIn();
  const talk = call('demo/caller', 'demo/callee', demoPeople);

  await page.locator('.said-caller.said-partial').filter({ hasText: /.{25}/ }).waitFor();
  await shoot(page, 'calls');
  await page.click('.live-card-link');
  await page.waitForSelector('.finding', { timeout: 120_000 });
  // What is being said next, where it is shown before it is final: near a card number it is not.
  const next = page.locator('.row-partial .row-text').filter({ hasText: /.{15}/ });
  await next.waitFor({ timeout: 8000 }).catch(() => undefined);
  await shoot(page, 'live-call');

  const { callId } = await talk;
  await sidetone.analytics.whenIdle();
  await sidetone.database.flush();
  await page.goto(`${sidetone.http.url}/calls/${callId}`);
  await page.waitForSelector('.waveform-redacted');
  await shoot(page, 'call-page');
  await page.getByRole('link', { name: 'Search' }).click();
  await page.getByLabel('Words').fill('refund');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.hit mark');
  await shoot(page, 'search');
  await page.click('.hit-link');
  await page.waitForSelector('.play:has-text("Pause")');
  await sleep(3000);
  for (const name of ['Assurance', 'Sources']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.locator('main h1').filter({ hasText: name }).waitFor();
    await page.locator(`main .${name.toLowerCase()} > *`).first().waitFor();
    await shoot(page, name.toLowerCase());
  }
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await page.waitForSelector('.verify .good');
  await page.reload();
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await page.waitForSelector('.verify .good');
  await shoot(page, 'audit');
} finally {
  await browser.close();
  await sidetone.close();
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit(0);

async function call(caller: string, callee: string, people: Partial<PairOptions>): Promise<PairResult> {
  return callBetweenPhones({
    callerPcm: await readTelephoneSound(join(rootDir, `${caller}.wav`)),
    calleePcm: await readTelephoneSound(join(rootDir, `${callee}.wav`)),
    via: `127.0.0.1:${sidetone.sip.bindings[0]?.port ?? 0}`,
    transport: 'udp',
    ...people,
  });
}

/** A recording, as somebody else hands it in. */
async function handIn(sound: string): Promise<void> {
  const form = new FormData();
  form.set('source', 'branch office');
  form.set('file', await openAsBlob(join(rootDir, `${sound}.wav`)), `${sound}.wav`);
  const key = readFileSync(join(dataDir, 'admin-key'), 'utf8').trim();
  const headers = { Authorization: `Bearer ${key}` };
  const answer = await fetch(`${sidetone.http.url}/api/v1/ingest`, { method: 'POST', headers, body: form });
  if (!answer.ok) throw new Error(await answer.text());
}

async function signedIn(): Promise<Page> {
  const context = await browser.newContext({
    viewport: view,
    timezoneId: 'UTC',
    locale: 'en-US',
    colorScheme: 'light',
  });
  const page = await context.newPage();
  await page.goto(sidetone.http.url);
  await page.getByLabel('User name').fill('Priya Raman');
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.connection-live');
  return page;
}

/** What is in sight, without the empty ground below it. */
async function shoot(page: Page, name: string): Promise<void> {
  const bottomPx = await page.evaluate<number>(
    'document.querySelector("main").lastElementChild.getBoundingClientRect().bottom',
  );
  const height = Math.min(view.height, Math.ceil(bottomPx) + 32);
  await page.screenshot({ path: join(outDir, `${name}.png`), clip: { x: 0, y: 0, width: view.width, height } });
  process.stdout.write(`${join(outDir, name)}.png\n`);
}
