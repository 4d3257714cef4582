import { defineConfig } from 'vitest/config';

/** How long `expect.poll` waits for what comes by itself: a page, a row, an event. A busy machine takes seconds. */
const expectSoon = { poll: { timeout: 10_000 } };
const everywhere = ['node_modules/**', 'dist/**', 'data/**'];

/**
 * Three projects, told apart by the file's name: `x.test.ts` (unit: no socket outside the file's own process, seconds
 * in all), `x.integration.test.ts` (real database, sockets, models or child processes of one stage) and `x.e2e.test.ts`
 * (the whole server as its user runs it).
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          expect: expectSoon,
          include: ['**/*.test.ts'],
          exclude: [...everywhere, '**/*.{integration,e2e}.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          expect: expectSoon,
          include: ['**/*.integration.test.ts'],
          exclude: everywhere,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          expect: expectSoon,
          include: ['**/*.e2e.test.ts'],
          exclude: everywhere,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          pool: 'forks',
          maxWorkers: 1,
        },
      },
    ],
  },
});
