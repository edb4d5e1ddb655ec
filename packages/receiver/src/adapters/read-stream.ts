import type { UnreadBody } from "../http-exchange.ts";

/** The part of a Node.js readable stream that is used here. */
export interface ByteStream {
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  off(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  once(event: "end" | "close" | "error", listener: () => void): unknown;
  pause(): unknown;
}

/** Reads up to a maximum of bytes. A stream that stops early, because the caller has gone, is `cut_short`. */
export function readStream(stream: ByteStream, limitBytes: number, declaredBytes?: string): Promise<Uint8Array | UnreadBody> {
  if (Number(declaredBytes) > limitBytes) return Promise.resolve({ kind: "too_large" });
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const take = (chunk: Uint8Array): void => {
      length += chunk.length;
      if (length > limitBytes) {
        stream.off("data", take);
        stream.pause();
        resolve({ kind: "too_large" });
        return;
      }
      chunks.push(chunk);
    };
    stream.on("data", take);
    stream.once("end", () => resolve(joined(chunks)));
    stream.once("close", () => resolve({ kind: "cut_short" }));
    stream.once("error", () => resolve({ kind: "cut_short" }));
  });
}

/** Concatenates the chunks. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
