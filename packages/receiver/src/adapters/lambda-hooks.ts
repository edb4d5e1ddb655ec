import { Buffer } from "node:buffer";
import type { Answer, Incoming, UnreadBody } from "../http-exchange.ts";

const NOT_PROXIED =
  "The function was called without the request's headers and raw body: in API Gateway choose Lambda proxy integration (AWS_PROXY) for this route, with no mapping template.";
const PARSED =
  "A middleware, such as middy's httpJsonBodyParser(), parsed the event's body first. Remove it from this handler, or export const handler = lambdaHooks(hooks) by itself.";

/**
 * The event of AWS Lambda: from a REST API or an HTTP API with payload 1.0, from an HTTP API with payload 2.0 or a
 * function URL, or from an Application Load Balancer with or without multi-value headers.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html,
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export interface LambdaEvent {
  body?: unknown;
  isBase64Encoded?: boolean;
  headers?: Readonly<Record<string, string | undefined>> | null;
  multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  httpMethod?: string;
  path?: string;
  rawPath?: string;
  rawQueryString?: string;
  queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  multiValueQueryStringParameters?: Readonly<Record<string, readonly string[] | undefined>> | null;
  requestContext?: { http?: { method: string }; elb?: unknown };
}

/** The answer. */
export interface LambdaAnswer {
  statusCode: number;
  /** For load balancers. */
  statusDescription?: string;
  headers?: Record<string, string>;
  /** Replaces `headers` for a load balancer with multi-value headers. */
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: false;
}

/**
 * A handler for AWS Lambda: `export const handler = lambdaHooks(hooks)`. It answers when the request's work has ended,
 * because Lambda stops the process after the answer. Keep the limit `handlerTimeoutMs` below the function's own
 * timeout.
 */
export function lambdaHooks(hooks: { handle(incoming: Incoming): Promise<Answer> }): (event: LambdaEvent) => Promise<LambdaAnswer> {
  return async (event) => {
    const { status, headers, body, settled } = await hooks.handle({
      method: event.requestContext?.http?.method ?? event.httpMethod ?? "POST",
      url: addressOf(event),
      header: (name) => headerOf(event, name),
      body: async (limitBytes) => bodyOf(event, limitBytes),
      shortLived: true,
    });
    await settled;
    const answer = { statusCode: status, body, isBase64Encoded: false } as const;
    const described =
      event.requestContext?.elb === undefined ? answer : { ...answer, statusDescription: `${status} ${REASONS[status] ?? ""}`.trim() };
    return event.headers === undefined || event.headers === null
      ? { ...described, multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])) }
      : { ...described, headers };
  };
}

/** The reason phrases that a load balancer requires together with the status. */
const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  405: "Method Not Allowed",
  413: "Content Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/**
 * A header by its lower-case name. Names keep their original case, and `headers` has only the last of repeated headers.
 */
function headerOf({ headers, multiValueHeaders }: LambdaEvent, name: string): string | null {
  for (const [key, values] of Object.entries(multiValueHeaders ?? {}))
    if (key.toLowerCase() === name && values !== undefined) return values.join(",");
  for (const [key, value] of Object.entries(headers ?? {})) if (key.toLowerCase() === name && value !== undefined) return value;
  return null;
}

function addressOf(event: LambdaEvent): string {
  const path = event.rawPath ?? event.path ?? "/";
  const query = event.rawQueryString ?? queryOf(event);
  return query === "" ? path : `${path}?${query}`;
}

function queryOf({ multiValueQueryStringParameters: many, queryStringParameters: single, requestContext }: LambdaEvent): string {
  const pairs = many
    ? Object.entries(many).flatMap(([name, values]) => (values ?? []).map((value) => [name, value] as const))
    : Object.entries(single ?? {}).map(([name, value]) => [name, value ?? ""] as const);
  // A load balancer passes these on as written; a gateway decodes them.
  return requestContext?.elb === undefined
    ? new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString()
    : pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

function bodyOf({ body, isBase64Encoded, headers, multiValueHeaders }: LambdaEvent, limitBytes: number): Uint8Array | UnreadBody {
  if (!headers && !multiValueHeaders) return { kind: "consumed", left: undefined, remedy: NOT_PROXIED };
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body !== "string") return { kind: "consumed", left: body, remedy: PARSED };
  const bytes = Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8");
  return bytes.length > limitBytes ? { kind: "too_large" } : bytes;
}
