import type { Config } from '#lib/config/schema.ts';

/** One line of what `sidetone doctor` says. `detail` of what is not ok says what to change. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'wrong';
  readonly detail: string;
}

/** `running`: a server of this configuration answers. */
export type Checker = (config: Config, running: boolean) => Promise<readonly Check[]> | readonly Check[];
