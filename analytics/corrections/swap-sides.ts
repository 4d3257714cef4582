import { otherSide, type ChannelSide } from '#sip/types.ts';
import type { Assurance, BySide, Call, CallMetrics, Redaction, StoredCall, Utterance } from '../types.ts';

/**
 * The call as it would have been stored had caller and callee been known the right way round. Pure, and its own
 * inverse. Who said what stays as it is: each party goes over to the other side with all that it said. So does the
 * account of how the call ended, because its words are those of the log of that day.
 */
export function swapSides(stored: StoredCall): StoredCall {
  return {
    call: swapCall(stored.call),
    metrics: stored.metrics && swapMetrics(stored.metrics),
    utterances: stored.utterances.map(swapUtterance),
    findings: stored.findings.map((finding) => ({ ...finding, side: finding.side && swapped(finding.side) })),
    redactions: stored.redactions.map((redaction): Redaction => ({ ...redaction, side: swapped(redaction.side) })),
    earlier: stored.earlier,
  };
}

/** Whether anything in it is on one of the two sides. */
export function hasSidesToSwap({ call, utterances }: StoredCall): boolean {
  const sides = [...call.parties, ...utterances].map(({ side }) => side);
  return [...sides, ...Object.keys(call.streams ?? {})].some((side) => side === 'caller' || side === 'callee');
}

function swapped(side: ChannelSide): ChannelSide {
  return side === 'caller' || side === 'callee' ? otherSide(side) : side;
}

function swapCall(call: Call): Call {
  return {
    ...call,
    parties: call.parties.map((party) => ({ ...party, side: swapped(party.side) })),
    pauses: call.pauses.map((pause) => ({ ...pause, by: swapWord(pause.by) })),
    notes: call.notes.map((note) => ({ ...note, detail: swapWord(note.detail) })),
    assurance: call.assurance && swapAssurance(call.assurance),
    streams: call.streams && swapBySide(call.streams),
    sidesSwapped: !call.sidesSwapped,
  };
}

function swapAssurance(assurance: Assurance): Assurance {
  return { ...assurance, streams: assurance.streams.map((stream) => ({ ...stream, side: swapped(stream.side) })) };
}

function swapMetrics(metrics: CallMetrics): CallMetrics {
  return {
    ...metrics,
    talkMs: swapBySide(metrics.talkMs),
    talkSpeedWpm: swapBySide(metrics.talkSpeedWpm),
    interruptions: swapBySide(metrics.interruptions),
    sentiment: swapBySide(metrics.sentiment),
    ...(metrics.speakers && {
      speakers: metrics.speakers.map((speaker) => ({ ...speaker, side: swapped(speaker.side) })),
    }),
    ...(metrics.sound && { sound: swapBySide(metrics.sound) }),
  };
}

function swapUtterance(utterance: Utterance): Utterance {
  const { voice } = utterance;
  return {
    ...utterance,
    side: swapped(utterance.side),
    speaker: swapVoice(utterance.speaker),
    ...(voice && { voice: { ...voice, unnamed: swapVoice(voice.unnamed) } }),
  };
}

function swapBySide<Value>(values: BySide<Value>): BySide<Value> {
  return Object.fromEntries(Object.entries(values).map(([side, value]) => [swapped(side as ChannelSide), value]));
}

/** `caller, speaker 2` too: of several who share the side of a party without a name. */
function swapVoice(speaker: string): string {
  const [, side, rest = ''] = /^(caller|callee)(, speaker \d+)?$/.exec(speaker) ?? [];
  return side === undefined ? speaker : swapWord(side) + rest;
}

/** Where a side stands for somebody without a name: `caller` alone, not within a text. */
function swapWord(word: string): string {
  return word === 'caller' || word === 'callee' ? otherSide(word) : word;
}
