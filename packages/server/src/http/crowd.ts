import { append, first, type Link, newLink, type Ring, unlink } from "./ring.ts";

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
export interface CrowdDecision<Connection> {
  admitted: boolean;
  evicted: Connection | null;
}

/**
 * The connections there are, by the address they come from. It only decides: its owner closes what
 * is not admitted or evicted.
 */
export interface Crowd<Connection> {
  /** A connection has come. `proxy`: from a trusted proxy, which speaks for many clients and has no cap of its own. */
  admit(connection: Connection, address: string, proxy: boolean): CrowdDecision<Connection>;
  /** The server works on something for a connection: it is not evicted until all of that is done. Null for one that is not here. */
  begin(connection: Connection): Work | null;
  /** A connection has gone. */
  leave(connection: Connection): void;
}

/** Something that is worked on. */
export interface Work {
  /** It is done. To say so again says nothing. */
  done(): void;
}

/** What an address has. */
interface Holder<Connection> {
  address: string;
  held: number;
  /** Connections that wait for their client: for a request, for the rest of one, or for an answer to be taken. The longest wait first. */
  waiting: Ring<Connection>;
  /** How many these are. */
  count: number;
  /** Its place among those of its kind that have as many waiting. */
  link: Link<Holder<Connection>>;
  ranking: Ranking<Connection>;
}

interface Place<Connection> {
  holder: Holder<Connection>;
  link: Link<Connection>;
  /** How many things are worked on. */
  busy: number;
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

/** Addresses by how many of their connections wait. */
interface Ranking<Connection> {
  /** Puts an address where it belongs, after one more or one less of its connections waits. */
  place(holder: Holder<Connection>): void;
  /** One of those with the most; null when none waits. */
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
