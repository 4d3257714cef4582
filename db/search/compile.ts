import { sql, type Kysely, type RawBuilder } from 'kysely';
import { spokenForms } from '#lib/spoken/forms.ts';
import type { Schema } from '../schema.ts';
import { parseQuery, type Term } from './parse.ts';

/** A query ready to be run over `utterances`. */
export interface CompiledQuery {
  /** Boolean expression over the vectors of `utterances`: of the text, and of what was said where that differs. */
  readonly matches: RawBuilder<boolean>;
  /** What to light up, per vector: a tsquery of the positive terms, or null. */
  readonly englishHighlight: string | null;
  readonly simpleHighlight: string | null;
}

interface Meaning {
  /** As tsquery text; empty when nothing but stop words is left. */
  readonly english: string;
  readonly simple: string;
  /** The english query holds every word: a phrase may then be looked up by stems. */
  readonly complete: boolean;
}

/**
 * A phrase with stop words ("how are you") and a prefix are looked up as said, in `search_simple`; everything else by
 * stem, in `search_english`. Stop words outside phrases are ignored, unless the query holds nothing else. A term with
 * figures is looked up as it may have been said, too: "$50" finds "fifty dollars"; the other way round it is what was said
 * that is searched.
 * @returns undefined when nothing can match
 * @throws SidetoneError `bad-request`
 */
export async function compileQuery(db: Kysely<Schema>, query: string): Promise<CompiledQuery | undefined> {
  const alternatives = parseQuery(query);
  const terms = alternatives.flat().map(formsOf);
  if (terms.length === 0) return undefined;
  const meanings = await lookUp(db, terms.flat());
  const light: Record<Vector, string[]> = { search_english: [], search_simple: [] };
  const either: RawBuilder<boolean>[] = [];
  for (const alternative of alternatives) {
    const own = alternative.map(() => (terms.shift() ?? []).map((form) => ({ form, meaning: meanings.shift() })));
    const onlyStopWords = own.flat().every(({ form, meaning }) => form.negated || inEnglish(form, meaning) === '');
    const conditions = own
      .map((forms) =>
        forms
          .map(({ form, meaning }) => conditionOf(form, meaning, onlyStopWords))
          .filter((condition) => condition !== undefined),
      )
      .filter((forms) => forms.length > 0);
    if (!conditions.some((forms) => !isNegated(forms))) continue;
    either.push(sql`(${sql.join(conditions.map(toSql), sql` and `)})`);
    for (const condition of conditions.flat())
      if (!condition.negated) light[condition.vector].push(`(${condition.query})`);
  }
  if (either.length === 0) return undefined;
  return {
    matches: sql<boolean>`(${sql.join(either, sql` or `)})`,
    englishHighlight: anyOf(light.search_english),
    simpleHighlight: anyOf(light.search_simple),
  };
}

type Vector = 'search_english' | 'search_simple';
interface Condition {
  readonly vector: Vector;
  readonly query: string;
  readonly negated: boolean;
}

/** The term, and what else it may be in speech. */
function formsOf(term: Term): readonly Term[] {
  if (term.kind === 'prefix') return [term];
  return [term, ...spokenForms(term.text).map((text) => ({ ...term, text, kind: 'phrase' as const }))];
}

function isNegated(forms: readonly Condition[]): boolean {
  return forms.some(({ negated }) => negated);
}

function conditionOf(term: Term, meaning: Meaning | undefined, asSaid: boolean): Condition | undefined {
  const english = inEnglish(term, meaning);
  if (english !== '') return { vector: 'search_english', query: english, negated: term.negated };
  const simple = meaning?.simple ?? '';
  if (simple === '' || (term.kind === 'word' && !asSaid)) return undefined;
  return { vector: 'search_simple', query: simple, negated: term.negated };
}

/** The term's query over stems; empty when it has to be looked up as said. */
function inEnglish(term: Term, meaning: Meaning | undefined): string {
  if (meaning === undefined || term.kind === 'prefix') return '';
  return term.kind === 'word' || meaning.complete ? meaning.english : '';
}

/** Any of the forms of one term, in either text. */
function toSql(forms: readonly Condition[]): RawBuilder<boolean> {
  const matches = forms.map(({ vector, query }) => {
    const spoken =
      vector === 'search_english'
        ? sql`to_tsvector('english', utterances.spoken)`
        : sql`to_tsvector('simple', utterances.spoken)`;
    return sql<boolean>`(${sql.ref(`utterances.${vector}`)} @@ ${query}::tsquery
      or (utterances.spoken is not null and ${spoken} @@ ${query}::tsquery))`;
  });
  const match = sql<boolean>`(${sql.join(matches, sql` or `)})`;
  return isNegated(forms) ? sql<boolean>`not ${match}` : match;
}

function anyOf(queries: readonly string[]): string | null {
  return queries.length === 0 ? null : queries.join(' | ');
}

async function lookUp(db: Kysely<Schema>, terms: readonly Term[]): Promise<Meaning[]> {
  const kinds = terms.map((term) => term.kind);
  const texts = terms.map((term) => term.text);
  const found = await sql<Meaning>`
    select
      phraseto_tsquery('english', term.text)::text as english,
      case when term.kind = 'prefix' then to_tsquery('simple', quote_literal(term.text) || ':*')
        else phraseto_tsquery('simple', term.text) end::text as simple,
      numnode(phraseto_tsquery('english', term.text)) = numnode(phraseto_tsquery('simple', term.text)) as complete
    from unnest(${kinds}::text[], ${texts}::text[]) with ordinality as term(kind, text, place)
    order by term.place`.execute(db);
  return found.rows;
}
