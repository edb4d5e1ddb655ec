import type { RequestOptions } from "node:http";

const { request: plain } = process.getBuiltinModule("node:http");
const { request: encrypted } = process.getBuiltinModule("node:https");

/** The listener may be any program, so it gets this long to answer, and only this much of its answer is read. */
const ANSWER_MS = 2_000;
const ANSWER_CHARS = 1_000;

/** A Carabiner server, identified by its mark in `/livez`. The mark is null for a server of an earlier version. */
export interface LiveServer {
  mark: string | null;
}

/**
 * Asks the program that listens at an address or on a socket whether it is a Carabiner server. Returns null if it is
 * not.
 */
export async function askLivez(place: { host: string; port: number } | { socketPath: string }): Promise<LiveServer | null> {
  const unencrypted = await asked(place, plain);
  return unencrypted ?? ("port" in place ? asked(place, encrypted) : null);
}

async function asked(place: RequestOptions, by: typeof plain | typeof encrypted): Promise<LiveServer | null> {
  const { promise, resolve } = Promise.withResolvers<LiveServer | null>();
  // The certificate need not be for this address, because nothing is sent that anyone could abuse.
  const request = by(
    { ...place, path: "/livez", agent: false, rejectUnauthorized: false, signal: AbortSignal.timeout(ANSWER_MS) },
    (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_CHARS) request.destroy();
      });
      response.once("end", () => resolve(serverOf(text)));
      response.once("close", () => resolve(null));
    },
  );
  request.once("error", () => resolve(null));
  request.end();
  return promise;
}

function serverOf(text: string): LiveServer | null {
  try {
    const answer = JSON.parse(text) as { status?: unknown; server?: unknown } | null;
    if (answer?.status !== "ok") return null;
    return { mark: typeof answer.server === "string" ? answer.server : null };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
