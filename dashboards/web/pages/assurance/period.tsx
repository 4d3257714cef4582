import { queryOf } from '../../client/api.ts';
import { textFields } from '../../client/form.ts';
import { go } from '../../client/router.ts';
import { Zone } from '../../parts/moment.tsx';

/** Whole days of the browser's clocks, the last included: `2026-11-25`. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

const lengths = [7, 30, 90] as const;

/** The last days up to today. */
export function lastDays(days: number): Period {
  const today = new Date();
  return { from: dayOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() - days + 1)), to: dayOf(today) };
}

/** From the first moment of its first day to the first after its last: ISO 8601 UTC. */
export function momentsOf({ from, to }: Period): { readonly from: string; readonly to: string } {
  const end = midnight(to);
  end.setDate(end.getDate() + 1);
  return { from: midnight(from).toISOString(), to: end.toISOString() };
}

export function isDay(text: string | null): text is string {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(midnight(text).getTime());
}

export function PeriodPicker({ period }: { readonly period: Period }) {
  return (
    <form
      class="filters"
      aria-label="Choose the time"
      onSubmit={(event) => {
        event.preventDefault();
        const text = textFields(event.currentTarget);
        go(`/assurance${queryOf({ from: text('from'), to: text('to') })}`);
      }}
    >
      <label class="field">
        <span>
          Calls that began from <Zone />
        </span>
        <input key={period.from} type="date" name="from" required max={dayOf(new Date())} defaultValue={period.from} />
      </label>
      <label class="field">
        <span>to the end of</span>
        <input key={period.to} type="date" name="to" required defaultValue={period.to} />
      </label>
      <button type="submit" class="button">
        Show
      </button>
      <span class="lengths">
        {lengths.map((days) => (
          <a key={days} href={`/assurance${queryOf({ ...lastDays(days) })}`}>
            {days} days
          </a>
        ))}
      </span>
    </form>
  );
}

function midnight(day: string): Date {
  return new Date(`${day}T00:00:00`);
}

function dayOf(date: Date): string {
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}
