import { networkInterfaces } from 'node:os';

/**
 * An IPv4 address of this machine that is not loopback, for baresip, which
 * does not bind loopback and signals such an address even when it calls 127.0.0.1; undefined: none.
 */
export const ownAddress = Object.values(networkInterfaces())
  .flat()
  .find((each) => each !== undefined && each.family === 'IPv4' && !each.internal)?.address;
