import type { Finding } from "./diagnosis.ts";

type Probed = Pick<Finding, "code" | "severity" | "says" | "remedy">;

/** Sends an unsigned request to an address, as the sender would, and judges the answer. Null when it is that of a receiver. */
export async function probe(url: string, timeout: AbortSignal): Promise<Probed | null> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", "user-agent": "@carabiner/receiver doctor" },
      body: "{}",
      redirect: "manual",
      signal: timeout,
    });
    await response.body?.cancel();
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown } };
    const why = typeof cause?.code === "string" ? cause.code : error instanceof Error ? error.message : String(error);
    return {
      code: "url_unreachable",
      severity: "warning",
      says: `${url} cannot be reached from here (${why}).`,
      remedy: "Look whether the server runs, and whether its address, port and certificate are right. The sender may see it differently.",
    };
  }
  return judge(url, response.status, response.headers.get("location"));
}

/** What an answer to an unsigned request tells. A receiver answers 400. */
export function judge(url: string, status: number, location: string | null): Probed | null {
  if (status === 400) return null;
  if (status >= 300 && status < 400) {
    return {
      code: "url_redirects",
      severity: "error",
      says: `${url} answers ${status}${location === null ? "" : ` to ${location}`}: a redirect counts as a failure, and is not followed.`,
      remedy: "Register the address at the end of the redirects: https, with or without www and the last slash, as the server wants it.",
    };
  }
  if (status === 500) {
    return {
      code: "body_consumed",
      severity: "error",
      says: `${url} answers 500 to a request without a signature, where a receiver answers 400.`,
      remedy: "Often a body parser reads the body first: the receiver's log says which line to change.",
    };
  }
  const ok = status >= 200 && status < 300;
  return {
    code: "url_answers_wrongly",
    severity: "error",
    says: `${url} answers ${status} to a request without a signature, where a receiver answers 400.`,
    remedy: ok
      ? "Something else answers there, or nothing is verified."
      : "Look whether the route is there, takes POST, and is exempt from sign-in and CSRF protection.",
  };
}
