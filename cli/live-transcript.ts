import { styleText } from 'node:util';
import type { LiveEvent } from '#analytics/types.ts';
import { partySides, type PartySide } from '#sip/types.ts';
import { formatMs } from './output.ts';

const colours = { caller: 'cyan', callee: 'green', other: 'blue', mixed: 'white' } as const;

/** Prints a call as it is heard: finished turns as lines; on a terminal what is being said is written over in grey. */
export class LiveTranscript {
  readonly #out: NodeJS.WriteStream;
  /** By redactionId, as they were last told: a redaction that grows is told again, one that comes again is not. */
  readonly #redactions = new Map<string, string>();
  readonly #partials = new Map<string, { readonly side: PartySide; readonly text: string }>();

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(event: LiveEvent): void {
    switch (event.type) {
      case 'partial':
        this.#partials.delete(event.segmentId);
        if (event.words.length > 0) {
          this.#partials.set(event.segmentId, {
            side: event.side,
            text: event.words.map(({ text }) => text).join(' '),
          });
        }
        this.#drawPartials();
        break;
      case 'utterance': {
        if (event.segmentId !== null) this.#partials.delete(event.segmentId);
        const { side, startMs, text, sentiment } = event.utterance;
        const mood = sentiment >= 1 ? ' (+)' : sentiment <= -1 ? ' (-)' : '';
        const name = side.padEnd(6);
        this.#line(`${formatMs(startMs).padStart(7)}  ${styleText(colours[side], name)}  ${text}${mood}`);
        break;
      }
      case 'finding':
        this.#line(
          `         ${styleText('yellow', `finding: ${event.finding.title} (${event.finding.severity})`)} ${event.finding.evidence}`,
        );
        break;
      case 'redaction': {
        const { redactionId, kind, side, startMs, endMs } = event.redaction;
        const told = `         ${styleText('magenta', `redacted: ${kind}, ${side}`)} ${formatMs(startMs)} to ${formatMs(endMs)}`;
        if (this.#redactions.get(redactionId) !== told) this.#line(told);
        this.#redactions.set(redactionId, told);
        break;
      }
      case 'metrics': {
        const { talkMs, nonTalkMs, overtalkMs } = event.metrics;
        const talk = partySides.flatMap((side) => {
          const ms = talkMs[side];
          return ms === undefined ? [] : [`${side} ${formatMs(ms)}`];
        });
        this.#line(
          `\nTalk: ${talk.join(', ')}; pauses over 3 s ${formatMs(nonTalkMs)}; overtalk ${formatMs(overtalkMs)}`,
        );
        break;
      }
      case 'call':
      case 'end':
        break;
    }
  }

  #line(text: string): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[2K');
    this.#out.write(`${text}\n`);
    this.#drawPartials();
  }

  #drawPartials(): void {
    if (!this.#out.isTTY) return;
    const text = [...this.#partials.values()].map((partial) => `${partial.side}: ${partial.text}`).join('   ');
    const width = Math.max(20, this.#out.columns - 1);
    this.#out.write(`\r\x1b[2K${styleText('gray', text.slice(-width))}`);
  }
}
