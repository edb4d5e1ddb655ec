import { sayAway, sayUnable, tellConnection } from "./connection.ts";
import { Unreachable } from "./failure.ts";
import { SERVER_PATH } from "./place.ts";
import { type Reached, reach } from "./reach.ts";

/** How long the server may take to report its state, in milliseconds. */
const KNOCK_SILENT_MS = 8_000;

let knocking: Promise<void> | null = null;

/**
 * Asks the server for its state, and reports it. A single failed call says nothing about others: the server may be
 * away, or unable to work, or only that call cannot be carried out now. Concurrent callers share the answer.
 */
export function knock(): Promise<void> {
  knocking ??= ask().finally(() => {
    knocking = null;
  });
  return knocking;
}

async function ask(): Promise<void> {
  try {
    const { status, body } = await reach(`${SERVER_PATH}/readyz`, { cache: "no-store" }, KNOCK_SILENT_MS);
    const trouble = status === 503 && isObject(body) ? reasonIn(body) : null;
    if (isObject(body) && body.status === "ok") tellConnection("answering");
    else if (trouble !== null) sayUnable(trouble);
    else await askForSession();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    sayAway("The server does not answer.");
  }
}

/**
 * A proxy may pass on only the page and its calls. Any answer from the server to one of these shows that it is running.
 */
async function askForSession(): Promise<void> {
  const headers = { "carabiner-mode": "test", "carabiner-background": "1" };
  const { body } = await reach(`${SERVER_PATH}/console/session`, { headers, cache: "no-store" }, KNOCK_SILENT_MS);
  if (isObject(body)) tellConnection("answering");
  else sayAway("The server does not answer: something else does in its place, a proxy or a network that asks you to sign in.");
}

/**
 * Why a server cannot work: the reason of its probe, or that it is stopping. Null if the answer is not from the server.
 */
function reasonIn({ reason, error }: Readonly<Record<string, unknown>>): string | null {
  if (typeof reason === "string") return reason;
  return isObject(error) && typeof error.message === "string" ? error.message : null;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

/** Whether an answer has the form of the server's answers: any JSON, with `error` if it is a refusal. */
export const isOurs = ({ status, isJson, body }: Reached): boolean => isJson && (status < 400 || (isObject(body) && isObject(body.error)));
