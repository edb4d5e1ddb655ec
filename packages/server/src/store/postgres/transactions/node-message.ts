import type { HandOffRoom } from "../../contract/delivery-store.ts";

/** What nodes that do not send may lease for a node. */
export interface Takes extends HandOffRoom {
  /** The node that offers this. */
  node: string;
  /** How long the offer holds, Unix milliseconds. */
  until: number;
  /** Endpoints whose deliveries it does not take. */
  except: readonly string[];
}

/** A node's message to the others after a commit. It only saves time: a node that misses it finds out by polling. */
export interface NodeMessage {
  /** When a delivery is due that the node which wrote it does not send itself. */
  due: number | null;
  /** When a task is due that the node does not run itself. */
  task: number | null;
  /** Endpoints that have changed. */
  endpoints: readonly string[];
  /** Listeners with deliveries. */
  listeners: readonly string[];
  /** Nodes for which it has leased deliveries, each with the mark that finds them. */
  handed: readonly HandedOver[];
  /** What the node takes from now on; null when the message does not say. */
  takes: Takes | null;
}

/** Deliveries that were leased for a node: several commits may share a mark. */
export type HandedOver = readonly [node: string, mark: number];

/** An empty message. */
export const NOTHING: NodeMessage = { due: null, task: null, endpoints: [], listeners: [], handed: [], takes: null };

/** The most bytes of a notification. Source: https://www.postgresql.org/docs/18/sql-notify.html */
const LONGEST_PAYLOAD = 7_999;

export const saysSomething = ({ due, task, endpoints, listeners, handed, takes }: NodeMessage): boolean =>
  due !== null || task !== null || takes !== null || endpoints.length + listeners.length + handed.length > 0;

/** Joins two messages into one. */
export function mergeMessages(one: NodeMessage, other: NodeMessage): NodeMessage {
  return {
    due: earlier(one.due, other.due),
    task: earlier(one.task, other.task),
    endpoints: [...new Set([...one.endpoints, ...other.endpoints])],
    listeners: [...new Set([...one.listeners, ...other.listeners])],
    handed: [...new Map([...one.handed, ...other.handed].map((handed) => [handed.join(), handed])).values()],
    takes: other.takes ?? one.takes,
  };
}

/** A message as the payloads of notifications, each with the sender's node name. */
export function encodeMessage(node: string, { due, task, endpoints, listeners, handed, takes }: NodeMessage): string[] {
  const said = takes === null ? null : [takes.until, takes.leaseMs, takes.room, takes.except];
  const whole = JSON.stringify([node, due, task, endpoints, listeners, handed, said]);
  if (endpoints.length + listeners.length <= 1 || Buffer.byteLength(whole) <= LONGEST_PAYLOAD) return [whole];
  const [half, halfListeners] = [endpoints.length >> 1, listeners.length >> 1];
  return [
    ...encodeMessage(node, {
      ...{ due, task, handed, takes },
      endpoints: endpoints.slice(0, half),
      listeners: listeners.slice(0, halfListeners),
    }),
    ...encodeMessage(node, { ...NOTHING, endpoints: endpoints.slice(half), listeners: listeners.slice(halfListeners) }),
  ];
}

/** The message of a notification; null if it is the node's own or from another version. */
export function decodeMessage(node: string, payload: string): NodeMessage | null {
  let told: unknown;
  try {
    told = JSON.parse(payload);
  } catch {
    return null;
  }
  if (!Array.isArray(told)) return null;
  // Nodes of earlier versions do not send the last fields.
  const [from, due, task, endpoints, listeners = [], handed = [], takes = null] = told as unknown[];
  if (typeof from !== "string" || from === node || !isTime(due) || !isTime(task)) return null;
  if (!Array.isArray(endpoints) || !Array.isArray(listeners) || !Array.isArray(handed)) return null;
  return {
    due,
    task,
    endpoints: ids(endpoints),
    listeners: ids(listeners),
    handed: handed.filter(isHandedOver),
    takes: takesOf(from, takes),
  };
}

const ids = (given: unknown[]): string[] => given.filter((id) => typeof id === "string");

const isHandedOver = (given: unknown): given is HandedOver =>
  Array.isArray(given) && typeof given[0] === "string" && typeof given[1] === "number";

function takesOf(node: string, said: unknown): Takes | null {
  if (!Array.isArray(said)) return null;
  const [until, leaseMs, room, except] = said as unknown[];
  if (typeof until !== "number" || typeof leaseMs !== "number" || typeof room !== "number" || !Array.isArray(except)) return null;
  return { node, until, leaseMs, room, except: ids(except) };
}

const isTime = (value: unknown): value is number | null => value === null || typeof value === "number";

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
