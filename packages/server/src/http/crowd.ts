/** How many connections there may be. */
export interface CrowdLimits {
  /** In all. */
  connections: number;
  /** Of one address. */
  perAddress: number;
  /** Of all, those that only an address without any other connection gets. */
  reserved: number;
}

/** Whether a connection may stay, and which other one has to go for it. */
export interface Admission<Connection> {
  admitted: boolean;
  evicted: Connection | null;
}

/**
 * The connections there are, by the address they come from. It decides and does nothing: whoever holds it closes what
 * is not admitted or evicted.
 */
export interface Crowd<Connection> {
  /** A connection has come. `proxy`: from a trusted proxy, which speaks for many clients and has no cap of its own. */
  admit(connection: Connection, address: string, proxy: boolean): Admission<Connection>;
  /** The server works on something for a connection: it is not evicted until all of that is done. */
  begin(connection: Connection, work: object): void;
  done(connection: Connection, work: object): void;
  /** A connection has gone. */
  leave(connection: Connection): void;
}

/** What an address has. */
interface Holder<Connection> {
  address: string;
  held: number;
  /** Connections that wait for their client: for a request, for the rest of one, or for an answer to be taken. The longest wait first. */
  waiting: Set<Connection>;
  /** Where it stands among those of its kind. */
  ranking: Ranking<Connection>;
}

interface Place<Connection> {
  holder: Holder<Connection>;
  work: Set<object>;
}

/**
 * Decides who gets a connection when there are many. Nobody who comes with few is kept out by what others let wait:
 * - An address that has its cap loses the connection that has waited longest for each new one. If all are being worked on,
 *   the new one is refused.
 * - When all places are taken, the address with the most waiting connections loses one in the same way, but never to an
 *   address that has more. Those of trusted proxies go last.
 * - When nothing waits, the last places are for addresses that have none: a probe, or a new client.
 *
 * Each call takes a constant time.
 */
export function createCrowd<Connection>(limits: CrowdLimits): Crowd<Connection> {
  const holders = new Map<string, Holder<Connection>>();
  const places = new Map<Connection, Place<Connection>>();
  const strangers = createRanking<Connection>();
  const proxies = createRanking<Connection>();
  const refused: Admission<Connection> = { admitted: false, evicted: null };

  /** Who has to go for a newcomer, null when nobody has to, undefined when there is no place for it. */
  function whoGoesFor(holder: Holder<Connection> | undefined, proxy: boolean): Connection | null | undefined {
    const held = holder?.held ?? 0;
    if (!proxy && held >= limits.perAddress) return first(holder?.waiting);
    if (places.size < limits.connections - limits.reserved) return null;
    const stranger = strangers.most();
    const victim = stranger !== undefined && (proxy || stranger.waiting.size >= held) ? stranger : proxies.most();
    return first(victim?.waiting) ?? (held === 0 && places.size < limits.connections ? null : undefined);
  }

  function change(holder: Holder<Connection>, how: (waiting: Set<Connection>) => void): void {
    holder.ranking.remove(holder);
    how(holder.waiting);
    holder.ranking.add(holder);
  }

  function leave(connection: Connection): void {
    const place = places.get(connection);
    if (place === undefined) return;
    const { holder } = place;
    change(holder, (waiting) => waiting.delete(connection));
    places.delete(connection);
    if (--holder.held === 0) holders.delete(holder.address);
  }

  return {
    admit(connection, address, proxy) {
      const evicted = whoGoesFor(holders.get(address), proxy);
      if (evicted === undefined) return refused;
      if (evicted !== null) leave(evicted);
      let holder = holders.get(address);
      if (holder === undefined) {
        holder = { address, held: 0, waiting: new Set(), ranking: proxy ? proxies : strangers };
        holders.set(address, holder);
      }
      holder.held++;
      places.set(connection, { holder, work: new Set() });
      change(holder, (waiting) => waiting.add(connection));
      return { admitted: true, evicted };
    },
    begin(connection, work) {
      const place = places.get(connection);
      if (place === undefined) return;
      place.work.add(work);
      if (place.work.size === 1) change(place.holder, (waiting) => waiting.delete(connection));
    },
    done(connection, work) {
      const place = places.get(connection);
      if (place?.work.delete(work) !== true || place.work.size > 0) return;
      change(place.holder, (waiting) => waiting.add(connection));
    },
    leave,
  };
}

/** Addresses by how many of their connections wait. */
interface Ranking<Connection> {
  add(holder: Holder<Connection>): void;
  /** To be called before it changes. */
  remove(holder: Holder<Connection>): void;
  /** One of those with the most; undefined when none waits. */
  most(): Holder<Connection> | undefined;
}

function createRanking<Connection>(): Ranking<Connection> {
  const byCount: Set<Holder<Connection>>[] = [];
  let highest = 0;
  return {
    add(holder) {
      const count = holder.waiting.size;
      if (count === 0) return;
      byCount[count] ??= new Set();
      byCount[count].add(holder);
      if (count > highest) highest = count;
    },
    remove(holder) {
      byCount[holder.waiting.size]?.delete(holder);
      while (highest > 0 && (byCount[highest]?.size ?? 0) === 0) highest--;
    },
    most: () => first(byCount[highest]),
  };
}

function first<Item>(items: ReadonlySet<Item> | undefined): Item | undefined {
  return items?.values().next().value;
}
