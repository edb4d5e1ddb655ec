import type { Finding } from "./diagnosis.ts";

type Probed = Pick<Finding, "code" | "severity" | "says" | "remedy">;

/**
 * Sends an unsigned request to an address, as the sender would, and judges the answer. Null when a receiver answers.
 */
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
      remedy:
        "Check that the server runs, and that its address, port and certificate are right. It may look different from the sender's network.",
    };
  }
  return judge(url, response.status, response.headers.get("location"));
}

/** What an answer to an unsigned request means. A receiver answers 400. */
export function judge(url: string, status: number, location: string | null): Probed | null {
  if (status === 400) return null;
  if (status >= 300 && status < 400) {
    return {
      code: "url_redirects",
      severity: "error",
      says: `${url} answers ${status}${location === null ? "" : ` to ${location}`}: the sender does not follow redirects and counts them as failures.`,
      remedy: "Register the address at the end of the redirects: check https, www and the trailing slash.",
    };
  }
  if (status === 500) {
    return {
      code: "body_consumed",
      severity: "error",
      says: `${url} answers 500 to a request without a signature, where a receiver answers 400.`,
      remedy: "A body parser often reads the body first. The receiver's log says which line to change.",
    };
  }
  const ok = status >= 200 && status < 300;
  return {
    code: "url_answers_wrongly",
    severity: "error",
    says: `${url} answers ${status} to a request without a signature, where a receiver answers 400.`,
    remedy: ok
      ? "Something else answers there, or it does not verify signatures."
      : "Check that the route exists, accepts POST, and is exempt from sign-in and CSRF protection.",
  };
}
