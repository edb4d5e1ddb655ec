import { ApiError, apiError, findStripeOperation } from "@carabiner/protocol";
import type { FastifyError, FastifyRequest } from "fastify";
import { unsupported } from "./body-parsers.ts";
import { pathOf } from "./shown-path.ts";

/** How much of a request's path an error repeats. */
export const PATH_CHARS_SHOWN = 200;

/**
 * Turns Fastify's errors into ours. An error that is not known to be the client's fault stays unchanged and counts as
 * our own fault. `bodyBytes` is the limit of the request's body.
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
      // No operation has an id this long, so no object has this id.
      return apiError("url_unknown_to_stripe", { method: request.method, path: pathOf(request).slice(0, PATH_CHARS_SHOWN) });
    case "ECONNRESET":
      return apiError("request_malformed", { reason: "it ended early" });
  }
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
    ? apiError("request_malformed", { reason: "it is not as it should be" })
    : thrown;
}

/** The refusal of an unknown URL. It says whether Stripe has the URL, and if so, why it is missing here. */
export function notRecognized(request: FastifyRequest): ApiError {
  const { method } = request;
  const path = pathOf(request).slice(0, PATH_CHARS_SHOWN);
  if (!/^\/v[12]\//.test(path)) return apiError("url_not_recognized", { method, path });
  if (path.startsWith("/v1/") && /\/(?:\/|$)/.test(path)) return apiError("url_without_id", { method, path });
  const operation = findStripeOperation(method, pathOf(request));
  if (operation === null) return apiError("url_unknown_to_stripe", { method, path });
  const { outOfScope: area } = operation;
  return area === null
    ? apiError("url_not_here", { method, path: operation.path })
    : apiError("url_out_of_scope", { method, path: operation.path, area });
}
