import { defineConfig } from 'vite';

/** The pages: dashboards/web built into dist/web. dashboards/build.ts runs this when what was built is stale. */
export default defineConfig({
  root: 'dashboards/web',
  // Everything is bundled from here: nothing is copied from a public folder.
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    // A data: URL would need another source in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2024',
    reportCompressedSize: false,
  },
});
