import { append, first, type Link, newLink, type Ring, unlink } from "./ring.ts";

/** The limits on connections. */
export interface CrowdLimits {
  /** For all addresses together. */
  connections: number;
  /** For one address. */
  perAddress: number;
  /** Of the total, the places reserved for addresses without any other connection. */
  reserved: number;
}

/** Whether a connection may stay, and which other one is evicted for it. */
export interface CrowdDecision<Connection> {
  admitted: boolean;
  evicted: Connection | null;
}

/**
 * The open connections, by client address. It only decides. Its owner closes the connections that are refused or
 * evicted.
 */
export interface Crowd<Connection> {
  /** A connection was opened. `proxy`: by a trusted proxy, which serves many clients and so has no cap. */
  admit(connection: Connection, address: string, proxy: boolean): CrowdDecision<Connection>;
  /**
   * The server starts work for a connection, which is not evicted until all its work is done. Null if the connection is
   * unknown.
   */
  begin(connection: Connection): Work | null;
  /** A connection was closed. */
  leave(connection: Connection): void;
}

/** Work under way. */
export interface Work {
  /** The work is done. Further calls have no effect. */
  done(): void;
}

/** The connections of one address. */
interface Holder<Connection> {
  address: string;
  held: number;
  /**
   * Connections that wait for their client: to send a request, to finish one, or to read an answer. The longest wait
   * first.
   */
  waiting: Ring<Connection>;
  /** How many of these there are. */
  count: number;
  /** Its place among the holders of its kind with as many waiting connections. */
  link: Link<Holder<Connection>>;
  ranking: Ranking<Connection>;
}

interface Place<Connection> {
  holder: Holder<Connection>;
  link: Link<Connection>;
  /** How many pieces of work are under way. */
  busy: number;
}

/**
 * Decides which connections stay when there are many. A client with few connections is not shut out by the idle ones of
 * others:
 * - An address at its cap loses its longest-waiting connection for each new one. If all of them are working, the new
 *   one is refused.
 * - When all places are taken, the address with the most waiting connections loses one in the same way, but never to an
 *   address that has more. Connections of trusted proxies go last.
 * - When no connection waits, the last places are for addresses without any connection: a probe, or a new client.
 *
 * Each call takes constant time.
 */
export function createCrowd<Connection>(limits: CrowdLimits): Crowd<Connection> {
  const holders = new Map<string, Holder<Connection>>();
  const places = new Map<Connection, Place<Connection>>();
  const strangers = createRanking<Connection>();
  const proxies = createRanking<Connection>();
  const refused: CrowdDecision<Connection> = { admitted: false, evicted: null };

  /** Whether a new connection is admitted, and which one is closed for it. */
  function decide(holder: Holder<Connection> | undefined, proxy: boolean): CrowdDecision<Connection> {
    const held = holder?.held ?? 0;
    if (holder !== undefined && !proxy && held >= limits.perAddress) return instead(first(holder.waiting));
    if (places.size < limits.connections - limits.reserved) return { admitted: true, evicted: null };
    const stranger = strangers.most();
    const loser = stranger !== null && (proxy || stranger.count >= held) ? stranger : proxies.most();
    if (loser !== null) return instead(first(loser.waiting));
    return { admitted: held === 0 && places.size < limits.connections, evicted: null };
  }

  const instead = (evicted: Connection | null): CrowdDecision<Connection> => (evicted === null ? refused : { admitted: true, evicted });

  function wait({ holder, link }: Place<Connection>): void {
    append(holder.waiting, link);
    holder.count++;
    holder.ranking.place(holder);
  }

  function waitNoMore({ holder, link }: Place<Connection>): void {
    unlink(link);
    holder.count--;
    holder.ranking.place(holder);
  }

  function leave(connection: Connection): void {
    const place = places.get(connection);
    if (place === undefined) return;
    const { holder } = place;
    if (place.busy === 0) waitNoMore(place);
    places.delete(connection);
    if (--holder.held === 0) holders.delete(holder.address);
  }

  return {
    admit(connection, address, proxy) {
      const admission = decide(holders.get(address), proxy);
      if (!admission.admitted) return admission;
      if (admission.evicted !== null) leave(admission.evicted);
      let holder = holders.get(address);
      if (holder === undefined) {
        holder = newHolder(address, proxy ? proxies : strangers);
        holders.set(address, holder);
      }
      holder.held++;
      const place: Place<Connection> = { holder, link: newLink(connection), busy: 0 };
      places.set(connection, place);
      wait(place);
      return admission;
    },
    begin(connection) {
      const place = places.get(connection);
      if (place === undefined) return null;
      if (place.busy++ === 0) waitNoMore(place);
      let isDone = false;
      return {
        done() {
          if (isDone) return;
          isDone = true;
          if (--place.busy === 0 && places.get(connection) === place) wait(place);
        },
      };
    },
    leave,
  };
}

function newHolder<Connection>(address: string, ranking: Ranking<Connection>): Holder<Connection> {
  const holder = { address, held: 0, waiting: newLink<Connection>(), count: 0, ranking } as Holder<Connection>;
  holder.link = newLink(holder);
  return holder;
}

/** Addresses by their number of waiting connections. */
interface Ranking<Connection> {
  /** Moves an address to its place after its number of waiting connections changes by one. */
  place(holder: Holder<Connection>): void;
  /** One of the addresses with the most waiting connections; null when no connection waits. */
  most(): Holder<Connection> | null;
}

function createRanking<Connection>(): Ranking<Connection> {
  const byCount: Ring<Holder<Connection>>[] = [newLink()];
  let highest = 0;
  return {
    place(holder) {
      const { count, link } = holder;
      if (count === 0) unlink(link);
      else {
        byCount[count] ??= newLink();
        append(byCount[count], link);
        if (count > highest) highest = count;
      }
      while (highest > 0 && first(byCount[highest] as Ring<Holder<Connection>>) === null) highest--;
    },
    most: () => first(byCount[highest] as Ring<Holder<Connection>>),
  };
}
