import type { AssuranceReason, AssuranceVerdict } from '#analytics/types.ts';

export const verdictWords: Readonly<Record<AssuranceVerdict | 'pending', string>> = {
  complete: 'complete',
  partial: 'partial',
  missing: 'missing',
  excluded: 'not kept',
  pending: 'not known yet',
};

/** Of a call and of one of its streams alike; docs/assurance.md says more of each. */
const reasonSentences: Readonly<Record<AssuranceReason, string>> = {
  'all-there': 'All that was to be heard is there.',
  'record-none': 'By route, header or the recorder’s wish it was not to be kept.',
  'not-answered': 'Nobody answered, so there was nothing to keep.',
  'paused-throughout': 'It was paused from beginning to end.',
  'nothing-came': 'The call was answered, and not one packet of sound came.',
  'nothing-decoded': 'Packets came, but no sound could be made of them.',
  'recording-failed': 'The recording could not be written.',
  'stream-never-came': 'No sound ever came from a side that should have been heard.',
  'stream-silent': 'Nearly all that came of a side is silence.',
  'stream-began-late': 'The sound of a side began long after it should have.',
  'stream-ended-early': 'The sound of a side ended long before the call did.',
  'stream-gaps': 'For a while nothing came of a side, then it came back.',
  'stream-not-taken': 'A stream was offered that could not be taken: the history says which.',
  'packets-lost': 'Many packets were lost on their way here.',
  'audio-dropped': 'Sound was dropped here: recognition or the disk was behind.',
  'not-recognised': 'Some of the sound was not turned into text.',
  'server-restarted': 'This server was restarted while the call ran.',
  'rows-lost': 'The database was away for too long: rows of the call are missing.',
};

export function reasonSentence(reason: AssuranceReason): string {
  return reasonSentences[reason];
}
