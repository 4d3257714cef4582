import { signal, type Signal } from '@preact/signals';

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
  const follow = (): void => {
    currentMs.value = audio.currentTime * 1000;
    frame = audio.paused ? 0 : requestAnimationFrame(follow);
  };
  audio.addEventListener('play', () => {
    playing.value = true;
    problem.value = '';
    follow();
  });
  audio.addEventListener('pause', () => (playing.value = false));
  audio.addEventListener('seeked', () => (currentMs.value = audio.currentTime * 1000));
  audio.addEventListener('error', () => {
    playing.value = false;
    problem.value = 'The recording cannot be played now.';
  });
  const seek = (ms: number): void => {
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
      audio.pause();
      audio.removeAttribute('src');
      audio.load();
    },
  };
}
