import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a small file whole or not at all, and on the disk when it returns: a crash leaves the old one. @throws what the disk says */
export function writeWhole(path: string, content: string | Buffer, mode = 0o600): void {
  const draft = `${path}.new`;
  const fd = openSync(draft, 'w', mode);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
}
