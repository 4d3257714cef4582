/** In order of coming; what comes again under an id that is there takes its place. */
export function withChanged<Item>(list: readonly Item[], item: Item, idOf: (item: Item) => string): readonly Item[] {
  const at = list.findIndex((each) => idOf(each) === idOf(item));
  return at === -1 ? [...list, item] : list.with(at, item);
}
