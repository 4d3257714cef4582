import type { PieceText, SecondRecogniser, SoundPiece } from '#asr/types.ts';
import type { Config } from '#lib/config/schema.ts';
import { msToSamples, type RecordingReport, type SampleRange } from '#media/types.ts';
import { retell, type Proposal } from '../retelling/retell.ts';
import { silenceSound, type KeptSound } from '../retelling/silence-sound.ts';
import type { Rule } from '../rules/schema.ts';
import { hintsOf } from '../session/hints.ts';
import type { Call, CallArchive, StoredCall, Utterance } from '../types.ts';
import { passagesOf, type Passage } from './passages.ts';
import { secondText } from './second-text.ts';

export interface PassOverOptions extends KeptSound {
  readonly config: Config;
  readonly rules: readonly Rule[];
  readonly archive: CallArchive;
  readonly recogniser: SecondRecogniser;
  readonly addedPhrases: () => readonly string[];
  /** What is known of a call's recording; undefined: there is none. */
  readonly report: (callId: string) => Promise<RecordingReport | undefined>;
  /** A stretch of one channel of a closed recording, at 8 kHz. */
  readonly readSound: (path: string, channel: 'left' | 'right', range: SampleRange) => Promise<Int16Array>;
}

export interface Passed {
  readonly turns: number;
  readonly changed: number;
}

/** Handed to the recogniser at once: a model that batches has something to batch, and little is held in memory. */
const piecesAtOnce = 8;

/**
 * Recognises the turns of an ended call again from its recording, as it is kept, and stores them. Texts that a person
 * wrote stay, and so do turns that are heard in one channel with another's.
 * @param at ISO 8601: when the earlier texts were replaced
 * @returns undefined: the call, or its sound, is gone
 */
export async function passOver(options: PassOverOptions, callId: string, at: string): Promise<Passed | undefined> {
  const { archive, recogniser, config, rules } = options;
  const before = await archive.load(callId);
  const report = await options.report(callId);
  if (before === undefined || report === undefined || report.path === null) return undefined;
  const { path, silenced } = report;
  const turns = before.utterances
    .filter((utterance) => utterance.textBy !== 'person' && isHeardAlone(utterance, before))
    .map((utterance) => ({ utterance, passages: passagesOf(utterance, silenced) }))
    .filter(({ passages }) => passages.length > 0);
  const { phrases } = hintsOf(before.call, config, options.addedPhrases());
  const pieceOf = async (utterance: Utterance, passage: Passage): Promise<SoundPiece> => {
    const range = { startSample: msToSamples(passage.startMs), endSample: msToSamples(passage.endMs) };
    const pcm = await options.readSound(path, channelOf(utterance, before.call), range);
    return { pcm, language: utterance.language, ...(phrases === undefined ? {} : { phrases }) };
  };
  const asked = turns.flatMap(({ utterance, passages }) => passages.map((passage) => ({ utterance, passage })));
  const heard: (PieceText | null)[] = [];
  for (let from = 0; from < asked.length; from += piecesAtOnce) {
    const pieces: SoundPiece[] = [];
    for (const { utterance, passage } of asked.slice(from, from + piecesAtOnce)) {
      pieces.push(await pieceOf(utterance, passage));
    }
    heard.push(...(await recogniser.recognise(pieces)));
  }
  const proposals = new Map<string, Proposal>();
  for (const { utterance, passages } of turns) {
    const proposal = secondText(utterance, passages, heard.splice(0, passages.length));
    if (proposal !== undefined) proposals.set(utterance.utteranceId, proposal);
  }
  const holdMs = config.redaction.holdS * 1000;
  const { stored, silence, changed } = await retell(before, proposals, { rules, holdMs, textBy: 'second-pass', at });
  // First: should the rest fail, too much is silent, and never too little.
  await silenceSound(options, callId, silence);
  const passed = { turns: turns.length, changed: changed.length };
  await archive.replace(before, { ...stored, call: withNote(stored.call, recogniser.model, passed) });
  return passed;
}

function withNote(call: Call, model: string, { turns, changed }: Passed): Call {
  const named = model.replace(/^https?:\/\/(?:[^/@]*@)?([^/?#]*).*$/, '$1').replace(/^.*\//, '');
  const note = { atMs: null, note: 'second-pass', detail: `${named}: ${turns} turns, ${changed} changed` };
  return { ...call, notes: [...call.notes, note] };
}

/** As media/recording lays a call's sides out, in the names of that day: the caller left, all others right. */
function channelOf({ side }: Utterance, { sidesSwapped }: Call): 'left' | 'right' {
  if (side === 'mixed') return 'left';
  return (side === 'caller') === sidesSwapped ? 'right' : 'left';
}

/** Nobody else of the same channel speaks meanwhile. */
function isHeardAlone(utterance: Utterance, { call, utterances }: StoredCall): boolean {
  return !utterances.some(
    (other) =>
      other.side !== utterance.side &&
      channelOf(other, call) === channelOf(utterance, call) &&
      other.startMs < utterance.endMs &&
      other.endMs > utterance.startMs,
  );
}
