/** A link of a ring, with what hangs on it; the ring's own link has nothing. One that is in no ring is linked to itself. */
export interface Link<Item> {
  readonly item: Item | null;
  before: Link<Item>;
  after: Link<Item>;
}

/** A list that is changed at any place without a search and without memory: what every request does must cost nothing. */
export type Ring<Item> = Link<Item>;

/** A link in no ring; without an item, an empty ring. */
export function newLink<Item>(item: Item | null = null): Link<Item> {
  const link = { item } as Link<Item>;
  link.before = link;
  link.after = link;
  return link;
}

/** Takes a link out of its ring. */
export function unlink<Item>(link: Link<Item>): void {
  link.before.after = link.after;
  link.after.before = link.before;
  link.before = link;
  link.after = link;
}

/** Puts a link at a ring's end, out of any other. */
export function append<Item>(ring: Ring<Item>, link: Link<Item>): void {
  unlink(link);
  link.before = ring.before;
  link.after = ring;
  ring.before.after = link;
  ring.before = link;
}

/** The item at a ring's beginning; null when there is none. */
export function first<Item>(ring: Ring<Item>): Item | null {
  return ring.after.item;
}
