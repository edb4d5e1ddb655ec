import { Unreachable } from "./failure.ts";

/** A complete answer. */
export interface Reached {
  status: number;
  headers: Headers;
  /** Its content, if that is JSON. */
  body: unknown;
  isJson: boolean;
}

/**
 * Makes a request, and reads the complete answer. A connection whose packets are dropped stays silent for ever, so the
 * request is given up after `silentMs` of silence at any point. Throws `Unreachable` when there is no complete answer,
 * and what `fetch` throws when the page itself aborts.
 */
export async function reach(url: string, request: RequestInit, silentMs: number): Promise<Reached> {
  const leaving = request.signal ?? null;
  const silence = new AbortController();
  let late: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(late);
    late = setTimeout(() => silence.abort(), silentMs);
  };
  let begun = false;
  heard();
  try {
    const signal = leaving === null ? silence.signal : AbortSignal.any([leaving, silence.signal]);
    const response = await fetch(url, { ...request, signal });
    begun = true;
    heard();
    const text = await textOf(response, heard);
    const { status, headers } = response;
    const isJson = headers.get("content-type")?.startsWith("application/json") === true;
    return { status, headers, isJson, body: isJson ? JSON.parse(text) : null };
  } catch (error) {
    if (leaving?.aborted === true) throw error;
    throw new Unreachable(
      silence.signal.aborted
        ? `The server has not answered within ${silentMs / 1_000} seconds.`
        : begun
          ? "The connection broke off in the middle of the server's answer."
          : "The server does not answer.",
      { cause: error },
    );
  } finally {
    clearTimeout(late);
  }
}

/** The text of an answer. Reports each part that has arrived. */
async function textOf({ body }: Response, heard: () => void): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    heard();
    text += decoder.decode(value, { stream: true });
  }
}
