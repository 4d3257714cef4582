import type { CallHints } from '#asr/types.ts';
import type { Config } from '#lib/config/schema.ts';
import { joinPhrases } from '#lib/phrases.ts';
import type { CallEvent } from '#sip/types.ts';

/**
 * What recognition is told of a call before it hears it. The nearer to the call a phrase was listed, the earlier it
 * stands: its sender, its route, its trunk, then what people have added and what the configuration has for all.
 */
export function hintsOf(
  {
    language,
    phrases,
    sourceName,
  }: Pick<Extract<CallEvent, { type: 'ringing' }>, 'language' | 'phrases' | 'sourceName'>,
  { asr, trunks }: Pick<Config, 'asr' | 'trunks'>,
  added: readonly string[],
): CallHints {
  const trunk = trunks.find(({ name }) => name === sourceName);
  const spoken = language ?? trunk?.language;
  const known = joinPhrases([phrases ?? [], trunk?.phrases ?? [], added, asr.phrases]);
  return {
    ...(spoken === undefined ? {} : { language: spoken }),
    ...(known.length === 0 ? {} : { phrases: known }),
  };
}
