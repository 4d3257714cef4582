import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Schema } from '../schema.ts';
import { parseQuery, type Term } from './parse.ts';

/** A query ready to be run over `utterances`. */
export interface CompiledQuery {
  /** Boolean expression over `utterances.search_english` and `utterances.search_simple`. */
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
 * stem, in `search_english`. Stop words outside phrases are ignored, unless the query holds nothing else.
 * @returns undefined when nothing can match
 * @throws SidetoneError `bad-request`
 */
export async function compileQuery(db: Kysely<Schema>, query: string): Promise<CompiledQuery | undefined> {
  const alternatives = parseQuery(query);
  const terms = alternatives.flat();
  if (terms.length === 0) return undefined;
  const meanings = await lookUp(db, terms);
  const light: Record<Vector, string[]> = { search_english: [], search_simple: [] };
  let at = 0;
  const either: RawBuilder<boolean>[] = [];
  for (const alternative of alternatives) {
    const own = alternative.map((term, index) => ({ term, meaning: meanings[at + index] }));
    at += alternative.length;
    const onlyStopWords = own.every(({ term, meaning }) => term.negated || inEnglish(term, meaning) === '');
    const conditions: Condition[] = own
      .map(({ term, meaning }) => conditionOf(term, meaning, onlyStopWords))
      .filter((condition) => condition !== undefined);
    if (!conditions.some((condition) => !condition.negated)) continue;
    either.push(sql`(${sql.join(conditions.map(toSql), sql` and `)})`);
    for (const condition of conditions) if (!condition.negated) light[condition.vector].push(`(${condition.query})`);
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

function toSql(condition: Condition): RawBuilder<boolean> {
  const match = sql<boolean>`${sql.ref(`utterances.${condition.vector}`)} @@ ${condition.query}::tsquery`;
  return condition.negated ? sql<boolean>`not (${match})` : match;
}

function anyOf(queries: readonly string[]): string | null {
  return queries.length === 0 ? null : queries.join(' | ');
}

async function lookUp(db: Kysely<Schema>, terms: readonly Term[]): Promise<readonly Meaning[]> {
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
