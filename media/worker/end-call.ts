import type { ChannelSide } from '#sip/types.ts';
import { streamReport, type StreamCounts } from './stream-report.ts';
import type { CallContext, CallSound } from './call-sound.ts';

/** No more sound comes to the call: its timeline is finished, its streams are accounted for, its end is told. */
export function endCall(
  sound: CallSound,
  { counters, emit }: CallContext,
  streams: readonly (StreamCounts & { readonly side: ChannelSide })[],
  nowMs = performance.now(),
): void {
  const endSample = sound.finish(nowMs);
  const reports = Object.fromEntries(
    streams.map((stream) => [stream.side, streamReport(stream, sound.channel(stream.side))]),
  ) as Record<ChannelSide, ReturnType<typeof streamReport>>;
  for (const { filledSamples, droppedSamples } of Object.values(reports)) {
    counters.filledSamples += filledSamples;
    counters.droppedSamples += droppedSamples;
  }
  emit({ type: 'media-ended', callId: sound.callId, endSample, streams: reports });
  sound.audio?.ended(endSample);
}
