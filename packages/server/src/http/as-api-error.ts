import { ApiError, apiError } from "@carabiner/protocol";
import type { FastifyError, FastifyRequest } from "fastify";
import { unsupported } from "./body-parsers.ts";
import { pathOf } from "./shown-path.ts";

/**
 * Fastify's errors in our words; what is not known for the client's fault stays as it is, and counts as ours. `bodyBytes`
 * is what the request's body might have had.
 */
export function asApiError(thrown: unknown, request: FastifyRequest, bodyBytes: number): unknown {
  if (thrown instanceof ApiError || !(thrown instanceof Error)) return thrown;
  const { code, statusCode } = thrown as FastifyError;
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return apiError("body_too_large", { limit: bodyBytes });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return unsupported(request.headers["content-type"]);
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return apiError("body_malformed", { reason: "it is not as long as its Content-Length says" });
    case "FST_ERR_BAD_URL":
      return apiError("request_malformed", { reason: "its path is not a valid URL" });
    case "FST_ERR_MAX_PARAM_LENGTH":
      return notRecognized(request);
    case "ECONNRESET":
      return apiError("request_malformed", { reason: "it ended early" });
  }
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
    ? apiError("request_malformed", { reason: "it is not as it should be" })
    : thrown;
}

/** The refusal of a URL that there is not. */
export function notRecognized(request: FastifyRequest): ApiError {
  const path = pathOf(request).slice(0, 200);
  const withoutId = path.startsWith("/v1/") && /\/(?:\/|$)/.test(path);
  return apiError(withoutId ? "url_without_id" : "url_not_recognized", { method: request.method, path });
}
