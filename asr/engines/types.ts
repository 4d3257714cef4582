/**
 * What a recogniser engine is to the rest of asr/: sound in, text out, no state between requests. `recognise` may block
 * its thread for as long as the work takes: engines run in a process of their own.
 */
export interface RecogniserEngine {
  readonly name: string;
  /** BCP 47: what its texts are in unless a result says otherwise. */
  readonly language: string;
  readonly abilities: EngineAbilities;
  /**
   * Results stand in the order of the requests. An engine batches what it is handed as it sees fit. Rejects only when
   * the engine itself is broken; a request without recognisable speech yields an empty result.
   */
  recognise(requests: readonly EngineRequest[]): Promise<readonly EngineResult[]>;
  close(): Promise<void>;
}

/** What an engine can do of its own; what it cannot, asr/ does without or works out (word times, spread by letters). */
export interface EngineAbilities {
  /** Gives times for each word. */
  readonly times: boolean;
  /** Gives a probability for each word; else every word's confidence is 1. */
  readonly confidence: boolean;
  /** Recognises again quickly what it is given a draft of. Without, partials cost a recognition each. */
  readonly drafts: boolean;
  /** Takes `phrases`. */
  readonly phrases: boolean;
}

export interface EngineRequest {
  /** 8 kHz mono: one segment, cut close to its speech (150 ms of margin at most). Read only; not kept. */
  readonly pcm: Int16Array;
  /** Whether the voice activity detector saw speech in it. Without, the engine may call the segment empty on its own. */
  readonly speechSeen: boolean;
  /** A partial is wanted soon and may be replaced; a final is worth more work. */
  readonly purpose: 'final' | 'partial';
  /**
   * The tokens of the segment's previous partial: a guess that saves time. It decides nothing but near ties (several tokens
   * at once are rounded otherwise than one by one).
   */
  readonly draft?: readonly number[];
  /** Names and terms that are likelier here, as they are written. The same array for all requests of a call. */
  readonly phrases?: readonly string[];
  /** BCP 47: what is spoken, where somebody has said so. An engine of one language need not look. */
  readonly language?: string;
}

export interface EngineWord {
  /** As shown, punctuation attached. */
  readonly text: string;
  /** 8 kHz samples from the start of the request's audio. Words follow one another without overlap. */
  readonly startSample: number;
  readonly endSample: number;
  /** 0..1, near enough to the probability that the word is right. */
  readonly confidence: number;
}

export interface EngineResult {
  readonly text: string;
  /** The engine's own tokens of `text`, fit for the `draft` of the segment's next request. */
  readonly tokens: readonly number[];
  readonly words: readonly EngineWord[];
  /** Mean of the words' confidences; 0 when there are none. */
  readonly confidence: number;
  /** No words were recognised. */
  readonly empty: boolean;
  /** BCP 47, of an engine that tells languages apart. */
  readonly language?: string;
}
