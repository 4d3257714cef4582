import { execFileSync } from 'node:child_process';

/** A network of its own with one machine in it: a namespace, tied to this machine by a pair of interfaces. */
export interface Site {
  readonly namespace: string;
  /** Of the machine there. */
  readonly address: string;
  /** Of this machine, on that network: what the machine there must be told. */
  readonly ourAddress: string;
}

/** Namespaces need root and iproute2. */
export const canMakeNetworks = ((): boolean => {
  const name = `st${process.pid}probe`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return true;
  } catch {
    return false;
  }
})();

/**
 * Networks that reach this machine and not each other: nothing passes between two sites but through a server here.
 * Peers there are "elsewhere" for every rule about addresses. `close` takes all of it away.
 */
export class Network {
  readonly sites: readonly Site[];

  private constructor(sites: readonly Site[]) {
    this.sites = sites;
  }

  static open(count: number): Network {
    const sites = Array.from({ length: count }, (_, index) => {
      const subnet = `10.99.${(process.pid + index) % 250}`;
      return { namespace: `st${process.pid}n${index}`, address: `${subnet}.2`, ourAddress: `${subnet}.1` };
    });
    const network = new Network(sites);
    try {
      sites.forEach(build);
      return network;
    } catch (error) {
      network.close();
      throw error;
    }
  }

  close(): void {
    for (const { namespace } of this.sites) {
      // The interfaces go with the namespace.
      for (const command of [
        ['link', 'del', `${namespace}o`],
        ['netns', 'del', namespace],
      ]) {
        try {
          ip(...command);
        } catch {
          // Was never there.
        }
      }
    }
  }
}

function build({ namespace, address, ourAddress }: Site): void {
  const [ours, theirs] = [`${namespace}o`, `${namespace}t`];
  ip('netns', 'add', namespace);
  ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', namespace);
  ip('addr', 'add', `${ourAddress}/24`, 'dev', ours);
  ip('link', 'set', ours, 'up');
  ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', theirs);
  ip('-n', namespace, 'link', 'set', theirs, 'up');
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}
