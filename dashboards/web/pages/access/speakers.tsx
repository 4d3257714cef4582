import { useSignal } from '@preact/signals';
import type { EnrolledSpeaker } from '#analytics/types.ts';
import { api, problemOf } from '../../client/api.ts';
import { useBusy } from '../../client/busy.ts';
import { useLoaded } from '../../client/load.ts';
import { Moment, Zone } from '../../parts/moment.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { PageTitle } from '../../parts/shell.tsx';
import type { Page } from '#db/types.ts';

/** Whose voices are kept, on which consent; enrolling one, and forgetting it. */
export function SpeakersPage() {
  const version = useSignal(0);
  const loaded = useLoaded(`speakers ${version.value}`, (signal) =>
    api<Page<EnrolledSpeaker>>('/speakers', { signal }),
  );
  const changed = (): void => {
    version.value++;
  };
  const items = loaded.value.state === 'there' ? loaded.value.value.items : undefined;
  return (
    <>
      <PageTitle>Speakers</PageTitle>
      <section class="panel" aria-labelledby="speakers-title">
        <h2 id="speakers-title">Enrolled voices</h2>
        <p class="hint">
          A voiceprint is biometric data: it is kept with the consent of that person alone, encrypted, and in no export.
          Calls are searched for it only where <code>asr.speakers.identify</code> is on.
        </p>
        {loaded.value.state === 'failed' ? <ProblemNote message={loaded.value.message} /> : null}
        {items === undefined ? null : items.length === 0 ? (
          <p class="quiet-line">Nobody is enrolled.</p>
        ) : (
          <div class="table-frame">
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Consent</th>
                  <th scope="col">Speech</th>
                  <th scope="col">
                    Last heard <Zone />
                  </th>
                  <th scope="col">
                    <span class="unseen">Change</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((speaker) => (
                  <SpeakerRow key={speaker.speakerId} speaker={speaker} onChanged={changed} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <EnrolForm onChanged={changed} />
    </>
  );
}

function SpeakerRow({ speaker, onChanged }: { readonly speaker: EnrolledSpeaker; readonly onChanged: () => void }) {
  const { speakerId, name, consent, speechS, lastUsedAt, enrolledBy, enrolledAt } = speaker;
  const { busy, problem, run } = useBusy();
  const forget = async (): Promise<void> => {
    if (!confirm(`Forget the voice of ${name}? The name goes from every transcript in which it stands for the voice.`))
      return;
    await api(`/speakers/${speakerId}`, { method: 'DELETE' });
    onChanged();
  };
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {consent.how}, by {consent.givenBy}, <Moment at={consent.givenAt} />
        {consent.reference === null ? null : <div class="consent">{consent.reference}</div>}
        <div class="consent">
          enrolled by {enrolledBy}, <Moment at={enrolledAt} />
        </div>
        {problem.value === '' ? null : <ProblemNote message={problem.value} />}
      </td>
      <td>{Math.round(speechS)} s</td>
      <td>{lastUsedAt === null ? 'never' : <Moment at={lastUsedAt} />}</td>
      <td class="numeric">
        <button type="button" class="button quiet" disabled={busy.value} onClick={() => void run(forget)}>
          Forget<span class="unseen"> {name}</span>
        </button>
      </td>
    </tr>
  );
}

function EnrolForm({ onChanged }: { readonly onChanged: () => void }) {
  const done = useSignal('');
  const { busy, problem, run } = useBusy();
  const enrol = async (form: HTMLFormElement): Promise<void> => {
    done.value = '';
    const fields = new FormData(form);
    const day = fields.get('consentGivenAt');
    if (typeof day === 'string') fields.set('consentGivenAt', new Date(`${day}T00:00:00`).toISOString());
    const { name } = await sendForm(fields);
    form.reset();
    done.value = `${name} is enrolled.`;
    onChanged();
  };
  return (
    <section class="panel" aria-labelledby="enrol-title">
      <h2 id="enrol-title">Enrol a voice</h2>
      <form
        class="filters"
        aria-labelledby="enrol-title"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          void run(() => enrol(form));
        }}
      >
        <label class="field">
          <span>Name, as transcripts show it</span>
          <input name="name" required maxLength={100} autocomplete="off" />
        </label>
        <label class="field">
          <span>Who consents</span>
          <input name="consentGivenBy" required maxLength={200} autocomplete="off" />
        </label>
        <label class="field">
          <span>When</span>
          <input name="consentGivenAt" type="date" required />
        </label>
        <label class="field">
          <span>How: signed form, said in a call …</span>
          <input name="consentHow" required maxLength={200} autocomplete="off" />
        </label>
        <label class="field">
          <span>Where the proof lies (may be empty)</span>
          <input name="consentReference" maxLength={400} autocomplete="off" />
        </label>
        <label class="field field-wide">
          <span>Sound in which they alone speak, six seconds of speech and more</span>
          <input name="file" type="file" required accept="audio/*,.wav,.flac,.mp3,.ogg,.opus" />
        </label>
        <button type="submit" class="button primary" disabled={busy.value}>
          {busy.value ? 'Listening …' : 'Enrol'}
        </button>
      </form>
      {done.value === '' ? null : (
        <p class="note" role="status">
          {done.value}
        </p>
      )}
      {problem.value === '' ? null : <ProblemNote message={problem.value} />}
    </section>
  );
}

async function sendForm(body: FormData): Promise<EnrolledSpeaker> {
  const response = await fetch('/api/v1/speakers', { method: 'POST', body }).catch(() => undefined);
  const answer: unknown = await response?.json().catch(() => undefined);
  if (response?.ok === true) return answer as EnrolledSpeaker;
  throw problemOf(response?.status ?? 0, response?.statusText ?? '', answer);
}
