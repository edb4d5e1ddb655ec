import type { Duplex } from "node:stream";
import { type ApiError, apiError } from "@carabiner/protocol";
import { renderBody } from "../api/render-body.ts";
import type { Limits } from "../limits.ts";

const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** The error for bytes that never became a request, by the error code of Node.js. */
export function connectionError(code: string | undefined, limits: Limits): ApiError {
  if (code === "HPE_HEADER_OVERFLOW") return apiError("request_headers_too_large", { limit: limits.requestHeaderBytes });
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return apiError("request_timeout", { head: limits.requestHeadTimeoutMs, limit: limits.requestTimeoutMs });
  return apiError("request_malformed", { reason: "it is not HTTP/1.1" });
}

/** Answers on the bare socket and closes it, because there is no request object to answer through. */
export function refuseConnection(socket: Duplex, error: ApiError, requestId: string): void {
  if (socket.writable) {
    const body = renderBody(error.toBody());
    socket.end(
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\nRequest-Id: ${requestId}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      () => socket.destroy(),
    );
  } else socket.destroy();
}
