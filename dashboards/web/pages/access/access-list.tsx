import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Page, Role } from '#db/types.ts';
import { api, sayProblem } from '../../client/api.ts';
import { textFields } from '../../client/form.ts';
import { useLoaded } from '../../client/load.ts';
import { Zone } from '../../parts/moment.tsx';
import { ProblemNote } from '../../parts/problem.tsx';

const roleWords: Readonly<Record<Role, string>> = {
  sender: 'sender: brings calls, reads nothing',
  reader: 'reader: searches, reads, plays',
  admin: 'admin: all',
};

/** Does something to the list; it is loaded anew, or what went wrong stands under it. True when it was done. */
export type Change = (work: () => Promise<unknown>) => Promise<boolean>;

interface AccessListProps<Item> {
  /** `users`: its path in the API, and the beginning of its ids on the page. */
  readonly name: string;
  readonly title: string;
  /** Shown in place of the table while nothing is in it. */
  readonly none: string;
  /** Heads of the columns before the last time and the buttons. */
  readonly columns: readonly string[];
  readonly lastTime: string;
  readonly row: (item: Item, change: Change) => ComponentChildren;
  readonly form: {
    readonly label: string;
    readonly button: string;
    /** What may be chosen; the first when nothing is. */
    readonly roles: readonly Role[];
    /** Beside name and role. */
    readonly fields?: ComponentChildren;
    /** The form is emptied afterwards. @throws what went wrong */
    readonly add: (text: (name: string) => string) => Promise<void>;
  };
  /** Between the form and what went wrong. */
  readonly children?: ComponentChildren;
}

/** Who may do what: a table of them, and a form that adds one. */
export function AccessList<Item>(props: AccessListProps<Item>) {
  const { name, form } = props;
  const version = useSignal(0);
  const problem = useSignal('');
  const loaded = useLoaded(`${name} ${version.value}`, (signal) => api<Page<Item>>(`/${name}`, { signal }));
  const change: Change = async (work) => {
    problem.value = '';
    try {
      await work();
      version.value++;
      return true;
    } catch (thrown) {
      problem.value = sayProblem(thrown);
      return false;
    }
  };
  const submit = async (element: HTMLFormElement): Promise<void> => {
    if (await change(() => form.add(textFields(element)))) element.reset();
  };
  const items = loaded.value.state === 'there' ? loaded.value.value.items : undefined;
  return (
    <section class="panel" aria-labelledby={`${name}-title`}>
      <h2 id={`${name}-title`}>{props.title}</h2>
      {loaded.value.state === 'failed' ? <ProblemNote message={loaded.value.message} /> : null}
      {items === undefined ? null : items.length === 0 ? (
        <p class="quiet-line">{props.none}</p>
      ) : (
        <div class="table-frame">
          <table class="table">
            <thead>
              <tr>
                {props.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
                <th scope="col">
                  {props.lastTime} <Zone />
                </th>
                <th scope="col">
                  <span class="unseen">Change</span>
                </th>
              </tr>
            </thead>
            <tbody>{items.map((item) => props.row(item, change))}</tbody>
          </table>
        </div>
      )}
      <form
        class="filters"
        aria-label={form.label}
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <label class="field">
          <span>Name</span>
          <input name="name" required maxLength={100} autocomplete="off" />
        </label>
        {form.fields}
        <label class="field">
          <span>Role</span>
          <select name="role">
            {form.roles.map((role) => (
              <option key={role} value={role}>
                {roleWords[role]}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="button">
          {form.button}
        </button>
      </form>
      {props.children}
      {problem.value === '' ? null : <ProblemNote message={problem.value} />}
    </section>
  );
}
