import { signal, type Signal } from '@preact/signals';
import { api } from '../../client/api.ts';

const leastHeardS = 0.2;
const tellEveryS = 30;
const round = (seconds: number): number => Math.round(seconds * 10) / 10;

/** Sound of one call. `currentMs` moves with every frame while it plays. */
export interface Player {
  readonly audio: HTMLAudioElement;
  readonly currentMs: Signal<number>;
  readonly playing: Signal<boolean>;
  readonly problem: Signal<string>;
  seek(ms: number): void;
  playFrom(ms: number): void;
  toggle(): void;
  close(): void;
}

export function createPlayer(callId: string): Player {
  const audio = new Audio();
  // Nothing is fetched, and so nothing is on record as played, until somebody plays it.
  audio.preload = 'none';
  audio.src = `/api/v1/calls/${callId}/recording`;
  const currentMs = signal(0);
  const playing = signal(false);
  const problem = signal('');
  let frame = 0;
  let heardFromS: number | undefined;
  /** What was heard since the last start or jump goes on record, to the moment where it stopped. */
  const tellHeard = (toS: number): void => {
    const fromS = heardFromS;
    heardFromS = undefined;
    if (fromS === undefined || toS - fromS < leastHeardS) return;
    const body = { fromS: round(fromS), toS: round(toS) };
    void api(`/calls/${callId}/played`, { method: 'POST', body, keepalive: true }).catch(() => {
      // What cannot be put on record is not played on.
      audio.pause();
      problem.value = 'Stopped: what is heard cannot be put on record just now.';
    });
  };
  const follow = (): void => {
    currentMs.value = audio.currentTime * 1000;
    frame = audio.paused ? 0 : requestAnimationFrame(follow);
  };
  audio.addEventListener('playing', () => (heardFromS ??= audio.currentTime));
  audio.addEventListener('play', () => {
    playing.value = true;
    problem.value = '';
    follow();
  });
  audio.addEventListener('pause', () => {
    playing.value = false;
    tellHeard(audio.currentTime);
  });
  audio.addEventListener('seeked', () => {
    currentMs.value = audio.currentTime * 1000;
    if (!audio.paused) heardFromS = audio.currentTime;
  });
  audio.addEventListener('timeupdate', () => {
    // A long listen is told in pieces: nobody knows whether the page will still be there to tell the whole.
    if (!audio.seeking && heardFromS !== undefined && audio.currentTime - heardFromS > tellEveryS) {
      tellHeard(audio.currentTime);
      heardFromS = audio.currentTime;
    }
  });
  audio.addEventListener('error', () => {
    playing.value = false;
    problem.value = 'The recording cannot be played now.';
  });
  const seek = (ms: number): void => {
    tellHeard(audio.currentTime);
    audio.currentTime = ms / 1000;
    currentMs.value = ms;
  };
  const play = (): void => {
    // Browsers refuse to start sound before the first key or click on a page; the button is there for it.
    void audio.play().catch(() => undefined);
  };
  return {
    audio,
    currentMs,
    playing,
    problem,
    seek,
    playFrom: (ms) => {
      seek(ms);
      play();
    },
    toggle: () => {
      if (audio.paused) play();
      else audio.pause();
    },
    close: () => {
      cancelAnimationFrame(frame);
      tellHeard(audio.currentTime);
      audio.pause();
      audio.removeAttribute('src');
      audio.load();
    },
  };
}
