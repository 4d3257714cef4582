import { assuranceVerdicts, severities } from '#analytics/types.ts';
import { partySides } from '#sip/types.ts';
import { verdictWords } from '../../client/assurance-words.ts';
import { isoToLocal, localToIso } from '../../client/format.ts';
import { query } from '../../client/router.ts';
import { callSources, sourceWords } from '../../client/source-words.ts';
import { textFields } from '../../client/form.ts';
import { Zone } from '../../parts/moment.tsx';

export const filterNames = [
  'from',
  'to',
  'party',
  'text',
  'side',
  'minSeverity',
  'sentiment',
  'source',
  'sourceName',
  'completeness',
] as const;

/** Applied when changed; the form's own button is for those who press Enter. */
export function CallFilters({ onChange }: { readonly onChange: (filters: Readonly<Record<string, string>>) => void }) {
  const apply = (form: HTMLFormElement): void => {
    const text = textFields(form);
    onChange({
      from: localToIso(text('from')),
      to: localToIso(text('to')),
      party: text('party'),
      text: text('text'),
      side: text('side'),
      minSeverity: text('minSeverity'),
      sentiment: text('sentiment'),
      source: text('source'),
      sourceName: text('sourceName'),
      completeness: text('completeness'),
    });
  };
  const value = (name: string): string => query.value.get(name) ?? '';
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter calls"
      onSubmit={(event) => {
        event.preventDefault();
        apply(event.currentTarget);
      }}
      onChange={(event) => apply(event.currentTarget)}
    >
      <label class="field">
        <span>
          From <Zone />
        </span>
        <input type="datetime-local" name="from" value={isoToLocal(value('from'))} />
      </label>
      <label class="field">
        <span>To</span>
        <input type="datetime-local" name="to" value={isoToLocal(value('to'))} />
      </label>
      <label class="field">
        <span>Party</span>
        <input name="party" value={value('party')} maxLength={200} placeholder="number or name" />
      </label>
      <label class="field">
        <span>Words said</span>
        <input name="text" value={value('text')} maxLength={400} placeholder="refund" />
      </label>
      <Choice name="side" label="Side" value={value('side')} options={partySides} />
      <Choice name="minSeverity" label="Findings from" value={value('minSeverity')} options={severities} />
      <Choice
        name="sentiment"
        label="Sentiment"
        value={value('sentiment')}
        options={['negative', 'neutral', 'positive']}
      />
      <Choice
        name="source"
        label="Came by"
        value={value('source')}
        options={callSources}
        words={(source) => wordFor(sourceWords, source)}
      />
      <label class="field">
        <span>Source</span>
        <input name="sourceName" value={value('sourceName')} maxLength={200} placeholder="trunk or sender" />
      </label>
      <Choice
        name="completeness"
        label="Complete"
        value={value('completeness')}
        options={assuranceVerdicts}
        words={(verdict) => wordFor(verdictWords, verdict)}
      />
      <button type="submit" class="button">
        Apply
      </button>
    </form>
  );
}

function wordFor(words: Readonly<Record<string, string>>, option: string): string {
  return words[option] ?? option;
}

export function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  /** What no choice means. */
  readonly none?: string;
  readonly words?: (option: string) => string;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select name={props.name} value={props.value}>
        <option value="">{props.none ?? 'any'}</option>
        {props.options.map((option) => (
          <option key={option} value={option} selected={option === props.value}>
            {props.words?.(option) ?? option}
          </option>
        ))}
      </select>
    </label>
  );
}
