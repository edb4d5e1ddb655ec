import { sayAway, sayUnable, tellConnection } from "./connection.ts";
import { Unreachable } from "./failure.ts";
import { SERVER_PATH } from "./place.ts";
import { type Reached, reach } from "./reach.ts";

/** How long the server may take to say how it is, in milliseconds. */
const KNOCK_SILENT_MS = 8_000;

let knocking: Promise<void> | null = null;

/**
 * Asks the server how it is, and tells what it says. A call that failed tells nothing of others: the server may be
 * away, or unable to work, or that one call alone cannot be carried out now. Who asks meanwhile shares the answer.
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
 * A proxy may pass on the page and its calls alone. Any answer of the server's to one of these shows that it is there.
 */
async function askForSession(): Promise<void> {
  const headers = { "carabiner-mode": "test", "carabiner-background": "1" };
  const { body } = await reach(`${SERVER_PATH}/console/session`, { headers, cache: "no-store" }, KNOCK_SILENT_MS);
  if (isObject(body)) tellConnection("answering");
  else sayAway("The server does not answer: something else does in its place, a proxy or a network that asks you to sign in.");
}

/** Why a server cannot work: its probe's reason, or that it stops. Null if that is not the server's answer. */
function reasonIn({ reason, error }: Readonly<Record<string, unknown>>): string | null {
  if (typeof reason === "string") return reason;
  return isObject(error) && typeof error.message === "string" ? error.message : null;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

/** Whether an answer has the form of the server's: anything, and `error` where it is refused. */
export const isOurs = ({ status, isJson, body }: Reached): boolean => isJson && (status < 400 || (isObject(body) && isObject(body.error)));
