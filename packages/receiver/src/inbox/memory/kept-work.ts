import type { InboxEvent, NewWork, WorkState } from "../inbox.ts";

/** An event in memory, with its work. */
export interface Kept {
  /** The event's key. */
  key: string;
  number: number;
  event: InboxEvent;
  /** The event as it came to other endpoints, by endpoint name; null when it came to only one. */
  copies: Map<string, InboxEvent> | null;
  tellsConnection: boolean;
  work: Work[];
  /** It is no longer kept. */
  gone: boolean;
}

/** A piece of work in memory. */
export interface Work extends NewWork {
  kept: Kept;
  /** The endpoint whose bytes the handler gets. */
  endpoint: string;
  state: WorkState;
  attempts: number;
  leaseUntil: number;
  fence: number;
  forced: boolean;
  error: string | null;
  settledAt: number | null;
}

/** Pending work: by handler in the order it is due, and by object. */
export interface PendingWork {
  add(work: Work): void;
  remove(work: Work): void;
  /** Changes its due time. */
  reschedule(work: Work, dueAt: number): void;
  /** A handler's work, the longest due first. */
  of(handler: string): readonly Work[];
  /** Other work of the same handler and object, unless its order is `any`: such work waits for nothing. */
  siblings(work: Work): readonly Work[];
  handlers(): string[];
}

const NONE: readonly Work[] = [];

export function pendingWork(): PendingWork {
  const byHandler = new Map<string, Work[]>();
  const byObject = new Map<string, Set<Work>>();

  const pending: PendingWork = {
    add(work) {
      let line = byHandler.get(work.handler);
      if (line === undefined) {
        line = [];
        byHandler.set(work.handler, line);
      }
      const last = line.at(-1);
      // Most new work is due after everything that waits.
      if (last === undefined || whenDue(last, work) < 0) line.push(work);
      else line.splice(placeIn(line, work), 0, work);
      if (work.order === "any") return;
      const key = objectKeyOf(work);
      const object = byObject.get(key) ?? new Set();
      byObject.set(key, object.add(work));
    },
    remove(work) {
      const line = byHandler.get(work.handler) ?? [];
      if (line.at(-1) === work) line.pop();
      else {
        const place = placeIn(line, work);
        if (line[place] === work) line.splice(place, 1);
      }
      if (work.order === "any") return;
      const key = objectKeyOf(work);
      const object = byObject.get(key);
      object?.delete(work);
      if (object?.size === 0) byObject.delete(key);
    },
    reschedule(work, dueAt) {
      pending.remove(work);
      work.dueAt = dueAt;
      pending.add(work);
    },
    of: (handler) => byHandler.get(handler) ?? [],
    siblings(work) {
      const object = work.order === "any" ? undefined : byObject.get(objectKeyOf(work));
      // Most work is the only work for its object.
      return object === undefined || (object.size === 1 && object.has(work)) ? NONE : [...object].filter((other) => other !== work);
    },
    handlers: () => [...byHandler.keys()],
  };
  return pending;
}

/** The key of a handler's object. An `orderKey` is JSON, which never contains the separator. */
export function objectKeyOf({ handler, orderKey }: Pick<NewWork, "handler" | "orderKey">): string {
  return `${handler}${SEPARATOR}${orderKey}`;
}

/** The handler and the object of a key. */
export function objectOf(key: string): Pick<NewWork, "handler" | "orderKey"> {
  const at = key.lastIndexOf(SEPARATOR);
  return { handler: key.slice(0, at), orderKey: key.slice(at + 1) };
}

const SEPARATOR = "\0";

/** By creation time, then by place in the object's life, then by arrival. */
export function inOrder(one: Kept, other: Kept): number {
  return one.event.created - other.event.created || one.event.rank - other.event.rank || one.number - other.number;
}

/** A piece of work's index in a list sorted by `whenDue`. */
function placeIn(line: readonly Work[], work: Work): number {
  let low = 0;
  let high = line.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = line[middle];
    if (at !== undefined && whenDue(at, work) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Orders work with the longest due first. */
export function whenDue(one: Work, other: Work): number {
  return one.dueAt - other.dueAt || inOrder(one.kept, other.kept);
}
