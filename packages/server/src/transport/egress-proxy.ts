import type { Socket } from "node:net";
import { hostOf } from "../destinations.ts";
import { PROXY_FAILED, PROXY_REFUSED } from "./fault-of-error.ts";
import { parseResponseHead } from "./http1/response-head.ts";

/** A proxy that makes connections by HTTP's CONNECT. */
export interface EgressProxy {
  /** Whether to connect to it over TLS. */
  secure: boolean;
  hostname: string;
  port: number;
  /** The value of `Proxy-Authorization`; null for none. */
  authorization: string | null;
}

/** A proxy from its URL: `http://user:password@proxy.internal:3128`, or https. Null when it is not one. */
export function readProxy(text: string): EgressProxy | null {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.pathname !== "/" || url.search !== "" || url.hash !== "")
    return null;
  const secure = url.protocol === "https:";
  const credentials = decoded(`${url.username}:${url.password}`);
  if (credentials === null) return null;
  return {
    secure,
    hostname: hostOf(url),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    authorization: credentials === ":" ? null : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that does not start an escape.
    return null;
  }
}

/**
 * Asks the proxy at the other end of `socket` for a connection to an authority, `host:port`. Resolves when the socket
 * is connected to it. `headBytes` is the largest answer. Rejects with PROXY_REFUSED when the proxy does not allow it,
 * and with PROXY_FAILED when the proxy cannot make it or gives an invalid answer. Source:
 * https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
 */
export function openTunnel(socket: Socket, { authorization }: EgressProxy, authority: string, headBytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const leave = (): void => {
      socket.off("data", hear).off("error", broken).off("close", broken);
      socket.pause();
    };
    const fail = (code: string, message: string): void => {
      leave();
      reject(Object.assign(new Error(message), { code }));
    };
    const broken = (): void => fail(PROXY_FAILED, "The egress proxy closed the connection.");
    const hear = (bytes: Buffer): void => {
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) {
        if (head.length > headBytes) fail(PROXY_FAILED, "The egress proxy's answer to CONNECT has no end.");
        return;
      }
      const answer = parseResponseHead(head.toString("latin1", 0, end));
      if (answer === null) fail(PROXY_FAILED, "The egress proxy does not answer with HTTP.");
      else if (answer.status === 403 || answer.status === 407)
        fail(PROXY_REFUSED, `The egress proxy answered ${answer.status} to CONNECT.`);
      else if (answer.status < 200 || answer.status > 299) fail(PROXY_FAILED, `The egress proxy answered ${answer.status} to CONNECT.`);
      else if (head.length > end + 4) fail(PROXY_FAILED, "The egress proxy sent more than its answer to CONNECT.");
      else {
        leave();
        resolve();
      }
    };
    socket.on("data", hear).on("error", broken).on("close", broken);
    const credentials = authorization === null ? "" : `proxy-authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`, "latin1");
  });
}
