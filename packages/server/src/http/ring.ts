/** A link of a ring, with its item. The ring's own link has no item. A link outside of any ring is linked to itself. */
export interface Link<Item> {
  readonly item: Item | null;
  before: Link<Item>;
  after: Link<Item>;
}

/** A list that changes at any place without a search or an allocation, because every request uses it. */
export type Ring<Item> = Link<Item>;

/** A link outside of any ring. Without an item, it is an empty ring. */
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

/** Moves a link to the end of a ring. */
export function append<Item>(ring: Ring<Item>, link: Link<Item>): void {
  unlink(link);
  link.before = ring.before;
  link.after = ring;
  ring.before.after = link;
  ring.before = link;
}

/** The first item of a ring; null when it is empty. */
export function first<Item>(ring: Ring<Item>): Item | null {
  return ring.after.item;
}
