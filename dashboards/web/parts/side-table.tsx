import type { ChannelSide } from '#sip/types.ts';

/** Figures by side: a column for each, a row for each figure. */
export function SideTable<Column extends { readonly side: ChannelSide }>(props: {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly [title: string, of: (column: Column) => string | number])[];
}) {
  const { columns, rows } = props;
  return (
    <table class="small-table">
      <thead>
        <tr>
          <td />
          {columns.map(({ side }) => (
            <th key={side} scope="col" class={`speaker-${side}`}>
              {side}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([title, of]) => (
          <tr key={title}>
            <th scope="row">{title}</th>
            {columns.map((column) => (
              <td key={column.side}>{of(column)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
