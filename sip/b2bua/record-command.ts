import type { SipHeaders } from './messages.ts';

/** What an INFO asks of the recorder by its field `Record`: telephones send `on` and `off`, applications all four. */
export function recordCommand(headers: SipHeaders): 'pause' | 'resume' | undefined {
  const value = headers.get('record')?.toLowerCase();
  if (value === 'off' || value === 'pause') return 'pause';
  return value === 'on' || value === 'resume' ? 'resume' : undefined;
}
