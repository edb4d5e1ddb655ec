/** A node's message to the others after a commit. It only saves time: a node that misses it finds out by polling. */
export interface NodeMessage {
  /** When a delivery is due that the node which wrote it does not send itself. */
  due: number | null;
  /** When a task is due that it does not do itself. */
  task: number | null;
  /** Endpoints that have changed. */
  endpoints: readonly string[];
  /** Listeners with deliveries. */
  listeners: readonly string[];
}

/** A message that says nothing. */
export const NOTHING: NodeMessage = { due: null, task: null, endpoints: [], listeners: [] };

/** Bytes of a notification, at most. Source: https://www.postgresql.org/docs/18/sql-notify.html */
const LONGEST_PAYLOAD = 7_999;

export const saysSomething = ({ due, task, endpoints, listeners }: NodeMessage): boolean =>
  due !== null || task !== null || endpoints.length > 0 || listeners.length > 0;

/** Two messages in one. */
export function mergeMessages(one: NodeMessage, other: NodeMessage): NodeMessage {
  return {
    due: earlier(one.due, other.due),
    task: earlier(one.task, other.task),
    endpoints: [...new Set([...one.endpoints, ...other.endpoints])],
    listeners: [...new Set([...one.listeners, ...other.listeners])],
  };
}

/** A message as the payloads of notifications, each with the sender's node name. */
export function encodeMessage(node: string, { due, task, endpoints, listeners }: NodeMessage): string[] {
  const whole = JSON.stringify([node, due, task, endpoints, listeners]);
  if (endpoints.length + listeners.length <= 1 || Buffer.byteLength(whole) <= LONGEST_PAYLOAD) return [whole];
  const [half, halfListeners] = [endpoints.length >> 1, listeners.length >> 1];
  return [
    ...encodeMessage(node, { due, task, endpoints: endpoints.slice(0, half), listeners: listeners.slice(0, halfListeners) }),
    ...encodeMessage(node, { due: null, task: null, endpoints: endpoints.slice(half), listeners: listeners.slice(halfListeners) }),
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
  // A node of an earlier version does not mention listeners.
  const [from, due, task, endpoints, listeners = []] = told as unknown[];
  if (from === node || !isTime(due) || !isTime(task) || !Array.isArray(endpoints) || !Array.isArray(listeners)) return null;
  const ids = (given: unknown[]): string[] => given.filter((id) => typeof id === "string");
  return { due, task, endpoints: ids(endpoints), listeners: ids(listeners) };
}

const isTime = (value: unknown): value is number | null => value === null || typeof value === "number";

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
