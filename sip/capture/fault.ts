import { SidetoneError } from '#lib/errors.ts';

/** A capture file that cannot be read on. The message is for the administrator and says where. */
export class CaptureFault extends SidetoneError {
  /** In the file, where the record or block begins that is wrong. */
  readonly offsetBytes: number;

  constructor(what: string, offsetBytes: number) {
    super('unsupported-audio', `${what}, at byte ${offsetBytes} of the file`);
    this.offsetBytes = offsetBytes;
  }
}
