import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { SidetoneError } from '#lib/errors.ts';
import { spokenForms } from '#lib/spoken/forms.ts';
import { partySides, type ChannelSide } from '#sip/types.ts';
import { severities } from '../types.ts';
import { compilePhrase, type Phrase } from './phrase.ts';

const phrases = z.array(z.string().min(1)).min(1);
const ruleSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be kebab-case, such as recording-notice'),
    title: z.string().min(1),
    severity: z.enum(severities),
    side: z.enum([...partySides, 'any']).default('any'),
    /** A finding for each time one of the phrases is said. */
    said: phrases.optional(),
    /** A finding when none of the phrases has been said by the end of the window. */
    missing: phrases.optional(),
    /** Window in seconds from the answer; unset: the whole call. */
    withinS: z.number().positive().optional(),
    /** Calls that end sooner than this many seconds after the answer are not judged (`missing` only). */
    minCallS: z.number().positive().optional(),
  })
  .refine((rule) => (rule.said === undefined) !== (rule.missing === undefined), 'needs either said or missing')
  .refine((rule) => rule.minCallS === undefined || rule.missing !== undefined, 'minCallS goes with missing only');
const fileSchema = z.strictObject({ rules: z.array(ruleSchema) });

export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly severity: (typeof severities)[number];
  readonly side: ChannelSide | 'any';
  readonly kind: 'said' | 'missing';
  readonly phrases: readonly Phrase[];
  readonly withinMs: number | null;
  readonly minCallMs: number;
}

/**
 * Reads a YAML file of rules.
 * @throws SidetoneError `rules-invalid`, its message one line a mistake: all of them at once, with line numbers where
 * the file is no YAML.
 */
export function loadRules(path: string): readonly Rule[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SidetoneError('rules-invalid', `${path}: cannot be read`, { cause });
  }
  return parseRules(text, path);
}

/** As `loadRules`, from text. `name` stands in the messages. */
export function parseRules(text: string, name: string): readonly Rule[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const mistakes = document.errors.map(
    (error) => `line ${lines.linePos(error.pos[0]).line}: ${firstLine(error.message)}`,
  );
  const parsed = mistakes.length > 0 ? undefined : fileSchema.safeParse(document.toJS() ?? { rules: [] });
  if (parsed?.success === false) {
    for (const issue of parsed.error.issues) mistakes.push(`${issue.path.map(String).join('.')}: ${issue.message}`);
  }
  const rules = parsed?.success === true ? parsed.data.rules : [];
  const ids = new Set<string>();
  const compiled = rules.map((rule): Rule => {
    if (ids.has(rule.id)) mistakes.push(`${rule.id}: stands twice`);
    ids.add(rule.id);
    return {
      id: rule.id,
      title: rule.title,
      severity: rule.severity,
      side: rule.side,
      kind: rule.said === undefined ? 'missing' : 'said',
      phrases: (rule.said ?? rule.missing ?? []).flatMap((source) => {
        const phrase = compilePhrase(source);
        if (phrase.parts.length === 0) mistakes.push(`${rule.id}: the phrase ${JSON.stringify(source)} has no words`);
        // Rules are held against what was said: "$50" is "fifty dollars" there.
        return [phrase, ...spokenForms(source).map(compilePhrase)];
      }),
      withinMs: rule.withinS === undefined ? null : rule.withinS * 1000,
      minCallMs: (rule.minCallS ?? 0) * 1000,
    };
  });
  if (mistakes.length > 0) {
    throw new SidetoneError('rules-invalid', `${name}:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`);
  }
  return compiled;
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}
