import { z } from 'zod';
import { isoTime, page } from './common.ts';

export const phraseItem = z
  .object({
    phrase: z.string(),
    from: z.enum(['configuration', 'list']).meta({ description: 'Only those of the list can be taken out here' }),
    addedBy: z.string().nullable(),
    addedAt: isoTime.nullable(),
  })
  .meta({ id: 'Phrase' });
export const phraseList = page(phraseItem);

export const phraseSuggestion = z
  .object({
    heard: z.string(),
    corrected: z.string(),
    count: z.int().meta({ description: 'How often it was corrected so, in calls that there still are' }),
    lastAt: isoTime,
  })
  .meta({ id: 'PhraseSuggestion' });
export const phraseSuggestions = page(phraseSuggestion);
