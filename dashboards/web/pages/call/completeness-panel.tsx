import type { Assurance, StreamAssurance } from '#analytics/types.ts';
import type { StreamReport } from '#media/types.ts';
import { partySides } from '#sip/types.ts';
import { kebabToWords, spokenTime } from '../../client/format.ts';
import { oneDecimal, percent } from '../../client/quality.ts';
import { reasonSentence, verdictWords } from '../../client/assurance-words.ts';
import type { CallAnswer } from '../../../api/answers.ts';
import { SideTable } from '../../parts/side-table.tsx';
import { Panel } from './panels.tsx';

const markOf = { complete: 'good', partial: 'warn', missing: 'bad', excluded: 'faint' } as const;

/** Is the call whole? By stream what was to be expected and what came, and how well it came. */
export function CompletenessPanel({ view }: { readonly view: CallAnswer }) {
  const { assurance, streams } = view;
  if (assurance === null) return null;
  return (
    <Panel title="Completeness">
      <p>
        <strong class={markOf[assurance.verdict]}>{capital(verdictWords[assurance.verdict])}.</strong>{' '}
        {reasonSentence(assurance.reason)}
      </p>
      {assurance.streams.length === 0 ? null : <Streams assurance={assurance} streams={streams} />}
    </Panel>
  );
}

function Streams(props: { readonly assurance: Assurance; readonly streams: CallAnswer['streams'] }) {
  // Where caller and callee were swapped, those of the row still stand as they came.
  const streams = props.assurance.streams.toSorted((a, b) => partySides.indexOf(a.side) - partySides.indexOf(b.side));
  const rtpOf = ({ side }: StreamAssurance): StreamReport | undefined => overRtp(props.streams?.[side]);
  return (
    <>
      <SideTable
        columns={streams}
        rows={[
          ['Expected', ({ expectedMs }) => spokenTime(expectedMs)],
          ['Came', ({ heardMs }) => spokenTime(heardMs)],
          ['Of that, silent', ({ silentMs }) => spokenTime(silentMs)],
          ['Packets lost', (stream) => percent(lostShare(rtpOf(stream)))],
          ['Jitter, mean', (stream) => oneDecimal(rtpOf(stream)?.jitterMeanMs, ' ms')],
          ['MOS (G.107)', (stream) => oneDecimal(rtpOf(stream)?.mos)],
        ]}
      />
      <ul class="stream-reasons">
        {streams
          .filter((stream) => stream.verdict !== 'complete')
          .map(({ side, verdict, reason }) => (
            <li key={side}>
              <span class={`speaker speaker-${side}`}>{side}</span> {verdictWords[verdict]},{' '}
              {kebabToWords(reason).toLowerCase()}
            </li>
          ))}
      </ul>
    </>
  );
}

/** Only RTP has a MOS, and figures of a network that mean something. */
function overRtp(report: StreamReport | undefined): StreamReport | undefined {
  return report === undefined || report.mos === null ? undefined : report;
}

/** Of the packets that were sent, how many never came; null without any. */
function lostShare(report: StreamReport | undefined): number | null {
  if (report === undefined) return null;
  const sent = report.packets + report.lostPackets;
  return sent === 0 ? null : report.lostPackets / sent;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
