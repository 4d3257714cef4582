import { createRequire } from 'node:module';

/** Whether the optional package is here: tests that need it are skipped by name where it is not. */
export const hasSherpa = (() => {
  try {
    createRequire(import.meta.url)('sherpa-onnx-node');
    return true;
  } catch {
    return false;
  }
})();
