const day = { dateStyle: 'medium', timeStyle: 'short' } as const;
const seconds = { dateStyle: 'medium', timeStyle: 'medium' } as const;
const parts = {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'longOffset',
} as const;
const formats = {
  minute: new Intl.DateTimeFormat(undefined, day),
  second: new Intl.DateTimeFormat(undefined, seconds),
  /** With the offset from UTC that held then: a zone's name alone does not tell summer from winter. */
  zoned: new Intl.DateTimeFormat(undefined, parts),
};
const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment in the time zone of the browser; the whole of it, offset and UTC, under the pointer. */
export function Moment({ at, to = 'minute' }: { readonly at: string; readonly to?: keyof typeof formats }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${formats.zoned.format(date)}, in UTC ${at}`}>
      {formats[to].format(date)}
    </time>
  );
}

/** Names the zone of the times beside it: once a table head or a field. */
export function Zone() {
  return (
    <span class="zone" title="The time zone of this browser: times are shown and taken in it">
      ({zone.replaceAll('_', ' ')})
    </span>
  );
}
