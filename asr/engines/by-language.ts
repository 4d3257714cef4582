import { once } from '#lib/closing.ts';
import type { Logger } from '#lib/log.ts';
import { loadEngine, type LoadOptions } from './load.ts';
import type { EngineRequest, EngineResult, RecogniserEngine } from './types.ts';

/** What a recogniser process loads. */
export interface EngineSettings extends Omit<LoadOptions, 'logger'> {
  /** For requests of no language, and of those that have none of their own: a choice as `loadEngine` takes it. */
  readonly model: string;
  /** Choices by language tag. */
  readonly models: Readonly<Record<string, string>>;
}

/**
 * The model of the settings, and beside it those of single languages. What goes wrong with any of them goes wrong with
 * all: @throws as `loadEngine`
 */
export async function loadEngines(settings: EngineSettings, logger: Logger): Promise<RecogniserEngine> {
  const { model, models, ...options } = settings;
  const main = await loadEngine(model, { ...options, logger });
  const byLanguage = new Map<string, RecogniserEngine>();
  for (const [language, choice] of Object.entries(models)) {
    // A model that serves several languages is loaded for each: it is asked for that language.
    byLanguage.set(language, await loadEngine(choice, { ...options, language, logger }));
  }
  return byLanguage.size === 0 ? main : new EnginesByLanguage(main, byLanguage);
}

/** One engine to whoever asks: each request goes to that of its language. */
class EnginesByLanguage implements RecogniserEngine {
  readonly name: string;
  readonly language: string;
  readonly abilities: RecogniserEngine['abilities'];
  readonly #main: RecogniserEngine;
  readonly #byLanguage: ReadonlyMap<string, RecogniserEngine>;

  constructor(main: RecogniserEngine, byLanguage: ReadonlyMap<string, RecogniserEngine>) {
    this.#main = main;
    this.#byLanguage = byLanguage;
    this.name = [main.name, ...[...byLanguage].map(([language, { name }]) => `${language}: ${name}`)].join(', ');
    this.language = main.language;
    const all = [main, ...byLanguage.values()].map((engine) => engine.abilities);
    this.abilities = {
      times: all.every((each) => each.times),
      confidence: all.every((each) => each.confidence),
      drafts: all.every((each) => each.drafts),
      phrases: all.some((each) => each.phrases),
    };
  }

  async recognise(requests: readonly EngineRequest[]): Promise<readonly EngineResult[]> {
    const results: EngineResult[] = [];
    const engines = requests.map((request) => this.#engineOf(request.language));
    for (const engine of new Set(engines)) {
      const own = [...requests.keys()].filter((index) => engines[index] === engine);
      const heard = await engine.recognise(own.map((index) => requests[index] as EngineRequest));
      heard.forEach((result, position) => {
        const language = result.language ?? (engine === this.#main ? undefined : engine.language);
        results[own[position] ?? 0] = language === undefined ? result : { ...result, language };
      });
    }
    return results;
  }

  readonly close = once(async () => {
    await Promise.all([this.#main, ...this.#byLanguage.values()].map((engine) => engine.close()));
  });

  /** `de-AT` has the model of `de` where it has none of its own. */
  #engineOf(language: string | undefined): RecogniserEngine {
    if (language === undefined) return this.#main;
    return this.#byLanguage.get(language) ?? this.#byLanguage.get(language.split('-')[0] ?? '') ?? this.#main;
  }
}
