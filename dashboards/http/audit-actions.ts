/** Every action that this stage puts on record, by what kind of row it makes (see `AuditRule`). */
const reads = [
  'assurance-read',
  'audit-read',
  'call-opened',
  'calls-listed',
  'export-downloaded',
  'export-opened',
  'exports-listed',
  'findings-read',
  'keys-listed',
  'metrics-read',
  'models-listed',
  'phrases-listed',
  'recording-played',
  'redactions-read',
  'search-run',
  'sources-listed',
  'speakers-listed',
  'transcript-read',
  'users-listed',
  'waveform-read',
] as const;
const changes = [
  'audit-verified',
  'call-corrected',
  'call-deleted',
  'call-paused',
  'call-resumed',
  'enrolment-requested',
  'export-requested',
  'fork-released',
  'fork-requested',
  'ingest-requested',
  'key-added',
  'key-revoked',
  'model-changed',
  'phrase-added',
  'phrase-removed',
  'recording-listened',
  'signed-out',
  'speaker-deleted',
  'stream-pair-registered',
  'text-corrected',
  'user-added',
  'user-changed',
  'voice-verified',
] as const;
const watches = ['call-watched', 'live-watched'] as const;
/** Written by handlers and doors themselves. */
const others = [
  'call-exported',
  'call-ingested',
  'export-made',
  'request-refused',
  'sign-in-failed',
  'signed-in',
  'speaker-enrolled',
  'speaker-identified',
] as const;

export type ReadAction = (typeof reads)[number];
export type ChangeAction = (typeof changes)[number];
export type WatchAction = (typeof watches)[number];
export type AuditAction =
  | ReadAction
  | ChangeAction
  /** The change was on record, and then could not be made. */
  | `${ChangeAction}-failed`
  | WatchAction
  | `${WatchAction}-ended`
  | (typeof others)[number];

export const auditActions: readonly AuditAction[] = [
  ...reads,
  ...changes,
  ...changes.map((action) => `${action}-failed` as const),
  ...watches,
  ...watches.map((action) => `${action}-ended` as const),
  ...others,
].toSorted();
