import { useEffect, useRef } from 'preact/hooks';
import WaveSurfer from 'wavesurfer.js';
import type { Redaction } from '#analytics/types.ts';
import { clockTime } from '../../client/format.ts';
import type { Player } from './player.ts';

/** As `GET /calls/{callId}/peaks` gives them: the loudest sample of each stretch, 0 to 1. */
export interface Peaks {
  readonly durationMs: number;
  readonly caller: readonly number[];
  readonly callee: readonly number[];
}

const laneHeightPx = 56;
const rates = [1, 1.25, 1.5, 2] as const;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Caller above, callee below, what was silenced shaded; click or drag moves the sound. */
export function Waveform(props: {
  readonly peaks: Peaks;
  readonly redactions: readonly Redaction[];
  readonly player: Player;
}) {
  const { peaks, redactions, player } = props;
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (frame.current === null) return undefined;
    const lane = (side: string) => ({
      height: laneHeightPx,
      waveColor: colour(`--${side}-soft`),
      progressColor: colour(`--${side}`),
    });
    const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? '';
    const surfer = WaveSurfer.create({
      container: frame.current,
      media: player.audio,
      peaks: [[...peaks.caller], [...peaks.callee]],
      duration: peaks.durationMs / 1000,
      splitChannels: [lane('caller'), lane('callee')],
      cursorColor: colour('--text'),
      cursorWidth: 1,
      dragToSeek: true,
      cspNonce: nonce,
      maxPeak: 1,
    });
    surfer.on('interaction', (timeS) => player.seek(timeS * 1000));
    return () => surfer.destroy();
  }, [peaks]);
  const share = (ms: number): string => `${Math.min(100, (ms / peaks.durationMs) * 100)}%`;
  return (
    <div class="waveform">
      <div class="waveform-lanes" aria-hidden="true">
        <span class="lane-name lane-caller">caller</span>
        <span class="lane-name lane-callee">callee</span>
        <div ref={frame} />
        {redactions.map((redaction) => (
          <span
            key={redaction.redactionId}
            class="waveform-redacted"
            title={`${redaction.kind}, redacted`}
            style={{ left: share(redaction.startMs), width: share(redaction.endMs - redaction.startMs) }}
          />
        ))}
      </div>
      <Controls durationMs={peaks.durationMs} player={player} />
    </div>
  );
}

function Controls({ durationMs, player }: { readonly durationMs: number; readonly player: Player }) {
  return (
    <div class="controls">
      <button type="button" class="button primary play" onClick={() => player.toggle()} aria-keyshortcuts="Space">
        {player.playing.value ? 'Pause' : 'Play'}
      </button>
      <span class="clock">
        {clockTime(player.currentMs.value)} <span class="faint">/ {clockTime(durationMs)}</span>
      </span>
      <input
        class="scrubber"
        type="range"
        min={0}
        max={durationMs}
        step={1000}
        value={player.currentMs.value}
        aria-label="Position"
        aria-valuetext={`${clockTime(player.currentMs.value)} of ${clockTime(durationMs)}`}
        onInput={(event) => player.seek(Number(event.currentTarget.value))}
      />
      <label class="rate">
        <span class="unseen">Speed</span>
        <select
          onChange={(event) => {
            player.audio.playbackRate = Number(event.currentTarget.value);
          }}
        >
          {rates.map((rate) => (
            <option key={rate} value={rate}>
              {rate}×
            </option>
          ))}
        </select>
      </label>
      {player.problem.value === '' ? null : <span class="bad">{player.problem.value}</span>}
    </div>
  );
}
