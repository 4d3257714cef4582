import type { SipHeaders } from '../b2bua/messages.ts';

/** What an INFO asks of the recorder by its field `Record`: telephones send `on` and `off`, applications all four. */
export function recordCommand(headers: SipHeaders): 'pause' | 'resume' | undefined {
  switch (headers.get('record')?.toLowerCase()) {
    case 'off':
    case 'pause':
      return 'pause';
    case 'on':
    case 'resume':
      return 'resume';
    default:
      return undefined;
  }
}
