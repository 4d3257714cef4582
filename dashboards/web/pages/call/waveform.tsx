import { useEffect, useMemo, useRef } from 'preact/hooks';
import WaveSurfer from 'wavesurfer.js';
import type { PartySide } from '#sip/types.ts';
import { clockTime } from '../../client/format.ts';
import type { CallAnswer } from '../../../api/answers.ts';
import { soundsOf, stretchesOf } from './happenings.ts';
import { lanesOf, type Peaks } from './lanes.ts';
import type { Player } from './player.ts';

const laneHeightPx = 56;
const rates = [1, 1.25, 1.5, 2] as const;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The channels one above the other, what was silenced, paused or on hold shaded; click or drag moves the sound. */
export function Waveform(props: { readonly peaks: Peaks; readonly view: CallAnswer; readonly player: Player }) {
  const { peaks, view, player } = props;
  const frame = useRef<HTMLDivElement>(null);
  const lanes = useMemo(() => lanesOf(peaks), [peaks]);
  useEffect(() => {
    if (frame.current === null) return undefined;
    const look = ([side = 'mixed']: readonly PartySide[]) => ({
      height: laneHeightPx,
      waveColor: colour(`--${side}-soft`),
      progressColor: colour(`--${side}`),
    });
    const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? '';
    const surfer = WaveSurfer.create({
      container: frame.current,
      media: player.audio,
      peaks: lanes.map((lane) => [...lane.peaks]),
      duration: peaks.durationMs / 1000,
      splitChannels: lanes.map((lane) => look(lane.sides)),
      cursorColor: colour('--text'),
      cursorWidth: 1,
      dragToSeek: true,
      cspNonce: nonce,
      maxPeak: 1,
    });
    surfer.on('interaction', (timeS) => player.seek(timeS * 1000));
    return () => surfer.destroy();
  }, [lanes]);
  const over = (startMs: number, endMs: number): { readonly left: string; readonly width: string } => {
    const share = (ms: number): string => `${Math.min(100, (ms / peaks.durationMs) * 100)}%`;
    return { left: share(startMs), width: share(endMs - startMs) };
  };
  return (
    <div class="waveform">
      <div class="waveform-lanes" aria-hidden="true">
        {lanes.map(({ sides }, index) => (
          <span key={index} class={`lane-name lane-${index} speaker-${sides[0] ?? 'mixed'}`}>
            {sides.join(' + ')}
          </span>
        ))}
        <div ref={frame} />
        {view.redactions.map(({ redactionId, startMs, endMs }) => (
          <span key={redactionId} class="waveform-redacted" style={over(startMs, endMs)} />
        ))}
        {stretchesOf(view).map(({ kind, startMs, endMs }) => (
          <span
            key={`${kind} ${startMs}`}
            class={`waveform-stretch waveform-${kind}`}
            style={over(startMs, endMs ?? peaks.durationMs)}
          >
            {kind === 'pause' ? 'paused' : 'hold'}
          </span>
        ))}
        {lanes.map(({ sides }, index) => (
          <div key={`sounds ${index}`} class="lane-sounds" style={{ top: `${index * laneHeightPx}px` }}>
            {soundsOf(view)
              .filter(({ side }) => sides.includes(side))
              .map(({ kind, startMs, endMs }) => (
                <span key={`${kind} ${startMs}`} class="lane-sound" style={over(startMs, endMs)} title={kind}>
                  {kind}
                </span>
              ))}
          </div>
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
