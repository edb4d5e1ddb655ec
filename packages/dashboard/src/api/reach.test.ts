import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClient } from "./client.ts";
import { beginSession, connection, tellConnection } from "./connection.ts";
import { ApiFailure, Unreachable } from "./failure.ts";

const HEALTHY = (): Response => Response.json({ status: "ok" });

/** Answers of the server, by the beginning of the path. */
let answers: Record<string, (request: RequestInit) => Response | Promise<Response>>;
let asked: string[];
beforeEach(() => {
  vi.useFakeTimers();
  beginSession();
  asked = [];
  answers = { "/readyz": HEALTHY };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (path, request = {}) => {
    asked.push(`${request.method ?? "GET"} ${String(path)}`);
    const answer = Object.entries(answers).find(([beginning]) => String(path).startsWith(beginning))?.[1];
    return answer === undefined ? Response.json({ error: { message: "Unrecognized request URL." } }, { status: 404 }) : answer(request);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Says nothing until the call is given up, as a connection does whose packets are dropped. */
const silent = ({ signal }: RequestInit): Promise<Response> =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new DOMException("Given up.", "AbortError"))));

/** An answer whose body continues in these pieces, and then goes silent, or breaks. */
const inPieces =
  (pieces: readonly string[], end: "breaks" | "ends" | "stays") =>
  ({ signal }: RequestInit): Response => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        if (end === "ends") controller.close();
        if (end === "breaks") controller.error(new TypeError("network error"));
        signal?.addEventListener("abort", () => controller.error(new DOMException("Given up.", "AbortError")));
      },
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };

const html = (status: number) => (): Response => new Response("<h1>Sign in</h1>", { status, headers: { "content-type": "text/html" } });

/** How a call failed. */
async function failure(call: Promise<unknown>): Promise<Error> {
  const failed = call.then(
    () => new Error("It did not fail."),
    (error: Error) => error,
  );
  await vi.advanceTimersByTimeAsync(200_000);
  return failed;
}

/** Waits until what was begun has been answered. */
const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

test("a read that is not answered is given up, and says that the server does not answer", async () => {
  answers["/v1/account"] = silent;
  const error = await failure(createClient("test").get("/v1/account"));
  expect(error).toBeInstanceOf(Unreachable);
  expect(error.message).toBe("The server has not answered within 20 seconds.");
});

test("a read whose answer stops in the middle is also given up, and one that continues slowly is not", async () => {
  answers["/v1/account"] = inPieces(['{"id":'], "stays");
  expect((await failure(createClient("test").get("/v1/account"))).message).toBe("The server has not answered within 20 seconds.");
  let send: (piece: string | null) => void = () => undefined;
  answers["/v1/slow"] = () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (piece) => (piece === null ? controller.close() : controller.enqueue(new TextEncoder().encode(piece)));
      },
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
  const read = createClient("test").get("/v1/slow");
  for (const piece of ['{"id":', '"grün', '"}', null]) {
    await vi.advanceTimersByTimeAsync(15_000);
    send(piece);
  }
  expect(await read).toEqual({ id: "grün" });
});

test("an act without an answer is not repeated, and it is said that nobody knows whether it was done", async () => {
  answers["/v1/events"] = silent;
  const error = await failure(createClient("test").post("/v1/events"));
  expect(error).toBeInstanceOf(Unreachable);
  expect(error.message).toBe(
    "The server has not answered within 60 seconds. Whether this was done is not known. Do the same again here, and it is done once at most.",
  );
  expect(asked.filter((one) => one.startsWith("POST"))).toHaveLength(1);
  answers["/v1/events"] = () => Promise.reject(new TypeError("Failed to fetch"));
  expect((await failure(createClient("test").remove("/v1/events"))).message).toBe(
    "The server does not answer. Whether this was done is not known: look whether it was before you do it again.",
  );
});

test("an act with an unknown result is repeated with its key, and any other act gets a new key", async () => {
  const keys: (string | null)[] = [];
  const client = createClient("test");
  let answer = (): Promise<Response> => Promise.reject(new TypeError("Failed to fetch"));
  answers["/v1/events"] = (request) => {
    keys.push(new Headers(request.headers).get("idempotency-key"));
    return answer();
  };
  await failure(client.post("/v1/events", { type: "payout.paid" }));
  await failure(client.post("/v1/events", { type: "payout.failed" }));
  answer = async () => refused("The server lost its storage before the change was confirmed.")();
  expect((await failure(client.post("/v1/events", { type: "payout.paid" }))).message).toBe(
    "The server lost its storage before the change was confirmed. Do the same again here, and it is done once at most.",
  );
  answer = async () => Response.json({ id: "evt_1" });
  await client.post("/v1/events", { type: "payout.paid" });
  await client.post("/v1/events", { type: "payout.paid" });
  const [first, other, again, done, next] = keys;
  expect(first).toMatch(/^dashboard-[0-9a-z]{28}$/);
  expect([again, done]).toEqual([first, first]);
  expect(new Set([first, other, next]).size).toBe(3);
});

test("an act whose end is not known is a new one after ten minutes, and where another is signed in", async () => {
  const keys: (string | null)[] = [];
  answers["/v1/events"] = (request) => {
    keys.push(new Headers(request.headers).get("idempotency-key"));
    return Promise.reject(new TypeError("Failed to fetch"));
  };
  const publish = (): Promise<Error> => failure(createClient("test").post("/v1/events"));
  await publish();
  await vi.advanceTimersByTimeAsync(600_000);
  await publish();
  beginSession();
  await publish();
  expect(new Set(keys).size).toBe(3);
});

test("what changes nothing has no key, and its failure is only that", async () => {
  answers["/v1/events"] = ({ headers }) => {
    expect(new Headers(headers).has("idempotency-key")).toBe(false);
    return Promise.reject(new TypeError("Failed to fetch"));
  };
  expect((await failure(createClient("test").post("/v1/events", {}, { repeated: "harmless" }))).message).toBe(
    "The server does not answer.",
  );
});

test("an act that takes long by its nature is given longer", async () => {
  answers["/v1/events"] = silent;
  const error = await failure(createClient("test").post("/v1/events", {}, { silentMs: 90_000 }));
  expect(error.message).toContain("within 90 seconds");
});

test.each([
  ["breaks off", inPieces(['{"id":"acct_1",'], "breaks")],
  ["ends too early", inPieces(['{"id":"acct_1",'], "ends")],
])("an answer that %s is said to be cut off", async (_, answer) => {
  answers["/v1/account"] = answer;
  const error = await failure(createClient("test").get("/v1/account"));
  expect(error).toBeInstanceOf(Unreachable);
  expect(error.message).toBe("The connection broke off in the middle of the server's answer.");
  expect((await failure(createClient("test").post("/v1/account"))).message).toContain("Whether this was done is not known");
});

test.each([200, 401, 404, 413, 500])("an answer of %i that does not come from the server is reported as such", async (status) => {
  answers["/"] = html(status);
  const error = await failure(createClient("test").get("/v1/account"));
  expect(error).toBeInstanceOf(Unreachable);
  expect(error.message).toBe(
    `Something else answered in the place of the server, with status ${status}: a proxy, or a network that asks you to sign in.`,
  );
  expect(connection()).not.toBe("signed-out");
});

test("a JSON error that does not have the server's form does not count as the server's either", async () => {
  answers["/v1/account"] = () => Response.json({ message: "Service Unavailable" }, { status: 503 });
  expect((await failure(createClient("test").get("/v1/account"))).message).toBe("The server does not answer: a proxy says 503.");
});

test("a call that the page aborts fails as aborted, and says nothing about the server", async () => {
  answers["/v1/account"] = silent;
  const leaving = new AbortController();
  const read = failure(createClient("test").get("/v1/account", {}, { signal: leaving.signal }));
  leaving.abort();
  expect((await read).name).toBe("AbortError");
  expect(asked).not.toContain("GET /readyz");
});

const refused = (message: string) => (): Response => Response.json({ error: { type: "api_error", message } }, { status: 503 });

test("one call that the server cannot carry out now does not make it away", async () => {
  answers["/v1/account"] = refused("The server cannot store anything at the moment, and changed nothing.");
  const error = await failure(createClient("test").get("/v1/account"));
  expect(error).toBeInstanceOf(ApiFailure);
  expect(asked).toContain("GET /readyz");
  expect(connection()).toBe("answering");
});

test("a server that reports that it cannot work is not away: it says why, and other calls continue", async () => {
  answers["/v1/account"] = refused("The server cannot store anything at the moment, and changed nothing.");
  answers["/readyz"] = () => Response.json({ status: "unavailable", reason: "Nothing can be stored: the disk is full." }, { status: 503 });
  await failure(createClient("test").get("/v1/account"));
  expect(connection()).toBe("unable");
  answers["/v1/balance"] = () => Response.json({});
  await createClient("test").get("/v1/balance");
  expect(connection()).toBe("unable");
});

test("a server that does not answer its probe either is away until it answers a call", async () => {
  answers["/"] = silent;
  answers["/readyz"] = silent;
  await failure(createClient("test").get("/v1/account"));
  expect(connection()).toBe("away");
  answers["/"] = () => Response.json({});
  await createClient("test").get("/v1/account");
  expect(connection()).toBe("answering");
});

test("a proxy that keeps the probe from the server does not make it away while it answers calls", async () => {
  answers["/readyz"] = html(404);
  answers["/console/session"] = () => Response.json({ modes: [] });
  answers["/v1/account"] = html(502);
  await failure(createClient("test").get("/v1/account"));
  expect(connection()).toBe("answering");
});

test("after a refusal because nobody is signed in, the page stays signed out whatever else is answered", async () => {
  answers["/v1/account"] = () => Response.json({ error: { code: "session_ended", message: "It has ended." } }, { status: 401 });
  await failure(createClient("test").get("/v1/account"));
  expect(connection()).toBe("signed-out");
  tellConnection("answering");
  await settled();
  expect(connection()).toBe("signed-out");
});
