import { SidetoneError, toError } from '#lib/errors.ts';

export interface EndpointOptions {
  /** Up to and without `/audio/transcriptions`, or with it. */
  readonly url: string;
  /** The endpoint's own name for a model. */
  readonly model: string;
  /** Sent as a bearer token. */
  readonly key?: string;
  /** BCP 47; absent: the endpoint tells languages apart. */
  readonly language?: string;
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** In all. */
  readonly attempts: number;
}

/** As much of `verbose_json` as is read; endpoints leave out what they do not know. */
export interface Transcription {
  readonly text: string;
  readonly language?: string;
  readonly words?: readonly { readonly word: string; readonly start: number; readonly end: number }[];
  readonly segments?: readonly { readonly avg_logprob?: number; readonly no_speech_prob?: number }[];
}

const firstWaitMs = 250;
const mostAnswerBytes = 8 * 1024 * 1024;

/**
 * `POST {url}/audio/transcriptions` of the OpenAI API, which many servers of open models speak as well.
 * @throws SidetoneError `endpoint-failed`: of an answer of 4xx at once, of others after `attempts`
 */
export async function transcribe(wav: Uint8Array, options: EndpointOptions): Promise<Transcription> {
  let trouble = new Error('never asked');
  for (let attempt = 1; attempt <= options.attempts; attempt += 1) {
    try {
      return await ask(wav, options);
    } catch (thrown) {
      if (thrown instanceof SidetoneError) throw thrown;
      trouble = toError(thrown);
      if (attempt < options.attempts) await wait(firstWaitMs * 4 ** (attempt - 1));
    }
  }
  const cause = trouble.cause === undefined ? '' : ` (${toError(trouble.cause).message})`;
  throw new SidetoneError(
    'endpoint-failed',
    `${hostOf(options.url)} gave no transcript in ${options.attempts} attempt(s): ${trouble.message}${cause}`,
    { cause: trouble },
  );
}

async function ask(wav: Uint8Array, options: EndpointOptions): Promise<Transcription> {
  const form = new FormData();
  form.set('file', new Blob([Buffer.from(wav)], { type: 'audio/wav' }), 'audio.wav');
  form.set('model', options.model);
  form.set('response_format', 'verbose_json');
  form.append('timestamp_granularities[]', 'word');
  form.append('timestamp_granularities[]', 'segment');
  if (options.language !== undefined) form.set('language', options.language);
  const answer = await fetch(transcriptionUrl(options.url), {
    method: 'POST',
    body: form,
    // What belongs to the audio goes to that address and to no other.
    redirect: 'error',
    headers: options.key === undefined ? {} : { authorization: `Bearer ${options.key}` },
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  const body = await readBody(answer);
  if (!answer.ok) {
    const passes = answer.status >= 500 || answer.status === 429 || answer.status === 408;
    const message = `${hostOf(options.url)} answered ${answer.status}`;
    if (passes) throw new Error(message);
    throw new SidetoneError('endpoint-failed', `${message}${remedy(answer.status)}`);
  }
  return parse(body, hostOf(options.url));
}

export function transcriptionUrl(url: string): string {
  const base = url.replace(/\/+$/, '');
  return base.endsWith('/audio/transcriptions') ? base : `${base}/audio/transcriptions`;
}

function remedy(status: number): string {
  if (status === 401 || status === 403) return ': asr.endpoint.key is not the one it wants';
  if (status === 404) return ': neither the path nor asr.endpoint.model may be there';
  return '';
}

async function readBody(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > mostAnswerBytes) throw new SidetoneError('endpoint-failed', 'the answer is too large for a transcript');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Nothing of the answer is quoted in an error: it holds what was said. */
function parse(body: string, host: string): Transcription {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new SidetoneError('endpoint-failed', `${host} answered something other than JSON`);
  }
  const { text, language, words, segments } = (value ?? {}) as Partial<Record<keyof Transcription, unknown>>;
  if (typeof text !== 'string') throw new SidetoneError('endpoint-failed', `${host} answered without a text`);
  return {
    text,
    ...(typeof language === 'string' ? { language } : {}),
    ...(isWords(words) ? { words } : {}),
    ...(Array.isArray(segments) ? { segments: segments as Transcription['segments'] & object } : {}),
  };
}

function isWords(value: unknown): value is NonNullable<Transcription['words']> {
  return (
    Array.isArray(value) &&
    value.every(
      (word: Partial<Record<string, unknown>> | null) =>
        typeof word?.['word'] === 'string' && Number.isFinite(word['start']) && Number.isFinite(word['end']),
    )
  );
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
