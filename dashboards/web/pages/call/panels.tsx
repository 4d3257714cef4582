import type { ComponentChildren } from 'preact';
import type { Finding, RedactionKind, Utterance } from '#analytics/types.ts';
import { clockTime, kebabToWords, spokenTime } from '../../client/format.ts';
import { SeverityChip } from '../../parts/marks.tsx';
import { MaskedText } from '../../parts/masked-text.tsx';
import type { CallAnswer } from '../../../api/answers.ts';
import type { Player } from './player.ts';

export function Panel({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="panel">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** A time in the call that plays it, where there is sound. */
function TimeButton({ ms, player }: { readonly ms: number; readonly player: Player | undefined }) {
  if (player === undefined) return <time class="row-time">{clockTime(ms)}</time>;
  return (
    <button
      type="button"
      class="row-time"
      onClick={() => player.playFrom(ms)}
      aria-label={`Play from ${clockTime(ms)}`}
    >
      {clockTime(ms)}
    </button>
  );
}

/** Brings an utterance of the transcript into sight and marks it for a moment. */
function showUtterance(utteranceId: string | undefined): void {
  const row = utteranceId === undefined ? null : document.getElementById(`u-${utteranceId}`);
  row?.scrollIntoView({ block: 'center' });
  // Not a class: those are the row's own, and written anew as it is played.
  row?.setAttribute('data-shown', '');
  setTimeout(() => row?.removeAttribute('data-shown'), 2500);
}

/** The sentence that a finding rests on, the words themselves marked; those words alone where it is not there. */
function Evidence({ finding, utterances }: { readonly finding: Finding; readonly utterances: readonly Utterance[] }) {
  const { evidence, utteranceIds } = finding;
  const text = utterances.find((each) => each.utteranceId === utteranceIds[0])?.text ?? evidence;
  const at = evidence === '' ? -1 : text.indexOf(evidence);
  if (at === -1) return <MaskedText text={evidence} />;
  return (
    <>
      <MaskedText text={text.slice(0, at)} />
      <mark>
        <MaskedText text={evidence} />
      </mark>
      <MaskedText text={text.slice(at + evidence.length)} />
    </>
  );
}

export function FindingsPanel(props: {
  readonly view: CallAnswer;
  readonly utterances: readonly Utterance[];
  readonly player: Player | undefined;
}) {
  const { view, utterances, player } = props;
  return (
    <Panel title="Findings">
      {view.findings.length === 0 ? (
        <p class="quiet-line">{view.live ? 'None so far.' : 'None.'}</p>
      ) : (
        <ul class="findings">
          {view.findings.map((finding) => (
            <li key={finding.findingId} class={`finding finding-${finding.severity}`}>
              <div class="finding-head">
                <span class="finding-title">{finding.title}</span> <SeverityChip severity={finding.severity} />
              </div>
              {finding.kind === 'system' && finding.utteranceIds.length === 0 ? (
                <p class="finding-words">
                  <TimeButton ms={finding.startMs} player={player} />{' '}
                  {finding.side === null ? null : <span class={`speaker speaker-${finding.side}`}>{finding.side}</span>}{' '}
                  <MaskedText text={finding.evidence} />
                </p>
              ) : finding.kind === 'missing' ? (
                <p class="finding-words">
                  Not said{finding.side === null ? '' : ` by the ${finding.side}`} between {clockTime(finding.startMs)}{' '}
                  and {clockTime(finding.endMs)}.
                </p>
              ) : (
                <p class="finding-words">
                  <button
                    type="button"
                    class="row-time"
                    onClick={() => {
                      player?.playFrom(finding.startMs);
                      showUtterance(finding.utteranceIds[0]);
                    }}
                    aria-label={`Show ${clockTime(finding.startMs)} in the transcript`}
                  >
                    {clockTime(finding.startMs)}
                  </button>{' '}
                  {finding.side === null ? null : <span class={`speaker speaker-${finding.side}`}>{finding.side}</span>}{' '}
                  <Evidence finding={finding} utterances={utterances} />
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const kindNames: Readonly<Record<RedactionKind, string>> = {
  card: 'card number',
  cvv: 'security code',
  pin: 'PIN',
  expiry: 'expiry date',
  digits: 'digits',
  dtmf: 'keys pressed',
  unheard: 'not recognised',
};

export function RedactionsPanel({ view, player }: { readonly view: CallAnswer; readonly player: Player | undefined }) {
  if (view.redactions.length === 0) return null;
  return (
    <Panel title="Redacted">
      <ul class="redactions">
        {view.redactions.map((redaction) => (
          <li key={redaction.redactionId}>
            <TimeButton ms={redaction.startMs} player={player} /> <span class="mask">{kindNames[redaction.kind]}</span>{' '}
            <span class="faint">
              {redaction.side}, {spokenTime(redaction.endMs - redaction.startMs)},{' '}
              {kebabToWords(redaction.reason).toLowerCase()}
            </span>
          </li>
        ))}
      </ul>
      <p class="hint">
        Silenced on both channels{player === undefined ? '' : ' (hatched in the waveform)'}, and taken out of the text
        before it was stored.
      </p>
    </Panel>
  );
}
