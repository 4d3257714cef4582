import type { ComponentChildren } from 'preact';
import type { SearchItem } from '../../../api/answers.ts';
import { clockTime } from '../../client/format.ts';
import { speakerName, whoTalked } from '../../client/sides.ts';
import { MaskedText } from '../../parts/masked-text.tsx';
import { Moment } from '../../parts/moment.tsx';

/** One utterance that was found; the whole of it leads to its moment. */
export function Hit({ hit }: { readonly hit: SearchItem }) {
  return (
    <li class={`hit hit-${hit.side}`}>
      <a href={`/calls/${hit.callId}?t=${momentOf(hit)}`} class="hit-link">
        <span class="hit-head">
          <span class={`speaker speaker-${hit.side}`}>{speakerOf(hit)}</span>
          <span class="faint">
            {whoTalked(hit.parties)} · <Moment at={hit.saidAt} /> · {clockTime(hit.startMs)} into the call
          </span>
        </span>
        <span class="hit-text">
          <Highlighted hit={hit} />
        </span>
      </a>
    </li>
  );
}

/** The side; of a third party, or of one stream for all, also who it was where that is known. */
function speakerOf(hit: SearchItem): string {
  if (hit.speaker !== hit.side) return hit.speaker;
  return hit.side === 'other' || hit.side === 'mixed' ? `${hit.side}: ${speakerName(hit.parties, hit)}` : hit.side;
}

/** Where the first word that matched is said; the utterance's start where it cannot be told. */
function momentOf({ text, words, startMs, highlights }: SearchItem): number {
  const first = highlights[0];
  if (first === undefined) return startMs;
  let at = 0;
  if (words.map((word) => word.text).join(' ') === text) {
    const word = words.find((each) => (at += each.text.length + 1) > first.startChar);
    return word?.startMs ?? startMs;
  }
  const found = text.slice(first.startChar, first.endChar).split(/\s+/)[0] ?? '';
  return words.find((word) => word.text.includes(found))?.startMs ?? startMs;
}

function Highlighted({ hit: { text, highlights } }: { readonly hit: SearchItem }) {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const { startChar, endChar } of highlights) {
    parts.push(<MaskedText text={text.slice(at, startChar)} />);
    parts.push(<mark>{text.slice(startChar, endChar)}</mark>);
    at = endChar;
  }
  parts.push(<MaskedText text={text.slice(at)} />);
  return <>{parts}</>;
}
