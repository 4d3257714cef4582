import { standingAlarms } from '../../client/alarms.ts';
import { clockTime } from '../../client/format.ts';
import type { CallAnswer } from '../../../api/answers.ts';

/** What is wrong with a running call now: a side that is silent, sound that cannot be kept. */
export function Alarms({ view }: { readonly view: CallAnswer }) {
  const alarms = view.live ? standingAlarms(view.findings) : [];
  return (
    <div role="alert">
      {alarms.map(({ findingId, title, startMs }) => (
        <p key={findingId} class="flag flag-alarm">
          <strong>{title}</strong> since {clockTime(startMs)}.
        </p>
      ))}
    </div>
  );
}
