import { networkInterfaces } from 'node:os';
import { isLoopback, plainAddress } from './addresses.ts';

/**
 * Loopback, or an address of one of this machine's interfaces as they are now. A softphone that will not bind loopback
 * calls 127.0.0.1 from such an address.
 */
export function isOfThisMachine(address: string): boolean {
  if (isLoopback(address)) return true;
  const plain = plainAddress(address);
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === plain));
}
