import { defineConfig } from 'vitest/config';

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
          include: ['**/*.test.ts'],
          exclude: [...everywhere, '**/*.{integration,e2e}.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
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
