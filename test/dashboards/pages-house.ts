import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { ensureWebBuilt } from '#dashboards/build.ts';
import { closeAll } from '#lib/closing.ts';
import { silentLogger } from '#lib/log.ts';
import { openBrowser } from './browser.ts';
import { openHttpHouse, type HttpHouse } from './http-house.ts';

/** A page of somebody who is signed in, and what went wrong on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, and every request or style that the policy refused or that went to another host. */
  readonly faults: string[];
  readonly open: (path: string, selector: string) => Promise<void>;
  /** @throws Error when the page has faults */
  close(): Promise<void>;
}

/** The HTTP stage with the built pages, and Chromium, signed in by a one-time link. */
export interface PagesHouse {
  readonly house: HttpHouse;
  newPage(options?: BrowserContextOptions): Promise<WatchedPage>;
  signInByLink(page: Page): Promise<void>;
  close(): Promise<void>;
}

export async function openPagesHouse(): Promise<PagesHouse> {
  const house = await openHttpHouse({ webDir: await ensureWebBuilt(silentLogger) });
  const browser: Browser = await openBrowser();
  const signInByLink = async (page: Page): Promise<void> => {
    await page.goto(await house.http.oneTimeLink());
    await page.waitForSelector('h1:has-text("Calls")');
  };
  const first = await browser.newContext();
  await signInByLink(await first.newPage());
  const storageState = await first.storageState();
  await first.close();
  return {
    house,
    signInByLink,
    newPage: async (options = {}) => {
      const context = await browser.newContext({ colorScheme: 'light', storageState, ...options });
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && /Content Security Policy|Refused/.test(message.text()))
          faults.push(message.text());
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(house.http.url)) faults.push(request.url());
      });
      return {
        page,
        faults,
        open: async (path, selector) => {
          await page.goto(`${house.http.url}${path}`);
          await page.waitForSelector(selector);
        },
        close: async () => {
          await context.close();
          if (faults.length > 0) throw new Error(`the page has faults: ${faults.join('; ')}`);
        },
      };
    },
    close: () => closeAll([() => browser.close(), () => house.close()]),
  };
}
