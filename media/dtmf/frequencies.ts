/** The two groups of DTMF (ITU-T Q.23): every key is one row and one column sounded together. */
export const rowsHz = [697, 770, 852, 941] as const;
export const columnsHz = [1209, 1336, 1477, 1633] as const;

/** By row, then column: the event numbers of RFC 4733 section 3.2 (10 is the star, 11 the hash, 12 to 15 A to D). */
const eventsByPlace = [1, 2, 3, 12, 4, 5, 6, 13, 7, 8, 9, 14, 10, 0, 11, 15];

/** Row and column of a telephone-event; undefined when it is no key. */
export function frequenciesOf(event: number): { readonly rowHz: number; readonly columnHz: number } | undefined {
  const place = eventsByPlace.indexOf(event);
  const rowHz = rowsHz[place >> 2];
  const columnHz = columnsHz[place & 3];
  return rowHz === undefined || columnHz === undefined ? undefined : { rowHz, columnHz };
}
