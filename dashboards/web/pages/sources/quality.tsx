import { oneDecimal, percent } from '../../client/quality.ts';
import { bySideInOrder } from '../../client/sides.ts';
import type { SourceItem } from '../../../api/schemas/sources.ts';

type Legs = NonNullable<NonNullable<SourceItem['lastCall']>['legs']>;

/** How well each leg of a call came in. */
export function Quality({ legs }: { readonly legs: Legs }) {
  return (
    <div class="table-frame" role="region" aria-label="Quality of the last call" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Leg</th>
            {['Packets', 'Lost', 'Jitter, mean', 'Jitter, greatest', 'MOS (G.107)'].map((head) => (
              <th key={head} scope="col" class="numeric">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bySideInOrder(legs).map(([side, { packets, lostFraction, jitterMeanMs, jitterMaxMs, mos }]) => (
            <tr key={side}>
              <th scope="row" class={`speaker-${side}`}>
                {side}
              </th>
              {mos === null ? (
                <td colSpan={5} class="faint">
                  {packets === 0 ? 'nothing came' : 'came without RTP: there is nothing to be measured'}
                </td>
              ) : (
                <>
                  <td class="numeric">{packets.toLocaleString()}</td>
                  <td class="numeric">{percent(lostFraction)}</td>
                  <td class="numeric">{oneDecimal(jitterMeanMs, ' ms')}</td>
                  <td class="numeric">{oneDecimal(jitterMaxMs, ' ms')}</td>
                  <td class="numeric">{oneDecimal(mos)}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
