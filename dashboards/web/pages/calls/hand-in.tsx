import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { sayProblem } from '../../client/api.ts';
import { localToIso } from '../../client/format.ts';
import { textFields } from '../../client/form.ts';
import { Zone } from '../../parts/moment.tsx';
import { TakenFiles, type HandedIn } from './handed-in.tsx';
import { upload, type Sent } from './upload.ts';

const kinds = '.wav,.flac,.mp3,.opus,.ogg,.pcap,.pcapng';

/** Recordings and captures become calls: choose files, see them go up, follow them until they are calls. */
export function HandIn({ onTaken }: { readonly onTaken: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const chosen = useSignal(0);
  const sent = useSignal<Sent | undefined>(undefined);
  const files = useSignal<readonly HandedIn[]>([]);
  const abort = useRef<AbortController | undefined>(undefined);
  /** One request a file, or a pair: what is refused of many does not hold up the rest. */
  const send = async (form: HTMLFormElement): Promise<void> => {
    const { signal } = (abort.current = new AbortController());
    for (const fields of requestsOf(form)) {
      const name = namesIn(fields);
      try {
        const { items } = await upload(fields, (now) => (sent.value = { ...now, name }), signal);
        files.value = [...items, ...files.value];
      } catch (thrown) {
        if (signal.aborted) break;
        files.value = [{ refused: name, because: sayProblem(thrown) }, ...files.value];
      }
    }
    sent.value = undefined;
    form.reset();
    chosen.value = 0;
  };
  const isGoing = sent.value !== undefined;
  return (
    <>
      <button type="button" class="button" onClick={() => dialog.current?.showModal()}>
        Hand in recordings
      </button>
      <dialog
        ref={dialog}
        class="hand-in"
        aria-labelledby="hand-in-title"
        onClose={() => {
          abort.current?.abort();
          if (files.value.some((file) => 'state' in file)) onTaken();
        }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void send(event.currentTarget);
          }}
        >
          <h2 id="hand-in-title">Hand in recordings</h2>
          <p class="hint">
            WAV, FLAC, MP3 or Opus: two channels are caller and callee, one is everybody. pcap or pcapng: every call in
            it. The same file is taken once.
          </p>
          <label class="field">
            <span>Files</span>
            <input
              type="file"
              name="file"
              multiple
              required
              accept={kinds}
              disabled={isGoing}
              onChange={(event) => (chosen.value = event.currentTarget.files?.length ?? 0)}
            />
          </label>
          <label class="check">
            <input type="checkbox" name="pair" disabled={isGoing || chosen.value !== 2} />
            <span>The two files are one call: the first holds the caller, the second the callee</span>
          </label>
          <label class="check">
            <input type="checkbox" name="swap" disabled={isGoing} />
            <span>The caller is in the right channel, or in the second file</span>
          </label>
          <label class="field">
            <span>
              When the call began <Zone />; empty: now, or as the capture says
            </span>
            <input type="datetime-local" name="startedAt" disabled={isGoing} />
          </label>
          {sent.value === undefined ? null : <Progress sent={sent.value} />}
          <TakenFiles files={files} />
          <div class="dialog-buttons">
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              {isGoing ? 'Cancel' : 'Close'}
            </button>
            <button type="submit" class="button primary" disabled={isGoing}>
              Hand in
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}

/** The bodies of the requests; their fields come first: the server knows what to do with a file before it comes. */
function requestsOf(form: HTMLFormElement): readonly FormData[] {
  const text = textFields(form);
  const chosen = new FormData(form).getAll('file');
  const isPair = text('pair') !== '';
  return (isPair ? [chosen] : chosen.map((file) => [file])).map((together) => {
    const fields = new FormData();
    if (isPair) fields.set('pair', 'true');
    if (text('swap') !== '') fields.set('swap', 'true');
    if (text('startedAt') !== '') fields.set('startedAt', localToIso(text('startedAt')));
    for (const file of together) fields.append('file', file);
    return fields;
  });
}

function namesIn(fields: FormData): string {
  return fields
    .getAll('file')
    .map((file) => (file instanceof File ? file.name : ''))
    .join(' + ');
}

function Progress({ sent: { name, sentBytes, totalBytes } }: { readonly sent: Sent }) {
  const isUp = totalBytes > 0 && sentBytes >= totalBytes;
  const share = isUp || totalBytes === 0 ? undefined : sentBytes / totalBytes;
  return (
    <p class="sending" role="status">
      <progress max={1} {...(share === undefined ? {} : { value: share })} aria-label={`Sending ${name}`} />
      <span>
        {name}: {isUp ? 'being read through …' : `${megabytes(sentBytes)} of ${megabytes(totalBytes)}`}
      </span>
    </p>
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
