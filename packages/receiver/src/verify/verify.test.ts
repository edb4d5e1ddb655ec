import Stripe from "stripe";
import { afterEach, describe, expect, test, vi } from "vitest";
import { bodyOf, eventOf, START, signatureOf } from "../../test/signed-webhook.ts";
import { type Verification, verify } from "./verify.ts";

const body = bodyOf(eventOf("payout.paid", { object: { id: "po_1", object: "payout", description: "Zürich 🧗" } }));
const dashboard = "whsec_0123456789abcdefABCDEF0123456789";
const cli = `whsec_${"0123456789abcdef".repeat(4)}`;
const endpoints = [
  { name: "platform", connect: false, secrets: ["whsec_platform"] },
  { name: "connect", connect: true, secrets: ["whsec_connect", "whsec_old"] },
];

function given(more: Partial<Verification> & { secret?: string; at?: number } = {}): Verification {
  const { secret = "whsec_connect", at = START, ...rest } = more;
  return { header: signatureOf(rest.body ?? body, { secret, at }), body, endpoints, now: START, toleranceSeconds: 300, ...rest };
}

describe("a signature", () => {
  test("says by which endpoint's secret it was made, current or previous", async () => {
    for (const [secret, endpoint] of [
      ["whsec_platform", "platform"],
      ["whsec_connect", "connect"],
      ["whsec_old", "connect"],
    ] as const) {
      expect(await verify(given({ secret }))).toEqual({ ok: true, endpoints: [endpoint] });
    }
  });

  test("may be one of several in a header, in any place, beside other schemes", async () => {
    const [time, right] = signatureOf(body, { secret: "whsec_connect" }).split(",");
    const wrong = "0".repeat(64);
    for (const header of [
      `${time},v1=${wrong},${right}`,
      `${right},${time},v0=${wrong}`,
      ` ${time} , ${right} `,
      `${time},v1=xyz,${right}`,
    ]) {
      expect(await verify(given({ header }))).toEqual({ ok: true, endpoints: ["connect"] });
    }
  });

  test("is tried if it is among the first ten of its header, and no further", async () => {
    const [time, right] = signatureOf(body, { secret: "whsec_connect" }).split(",");
    const after = (count: number) => verify(given({ header: [time, ...Array(count).fill(`v1=${"0".repeat(64)}`), right].join(",") }));
    expect(await after(9)).toEqual({ ok: true, endpoints: ["connect"] });
    expect(await after(10)).toMatchObject({ ok: false, reason: "signature_mismatch" });
  });

  test("is of the first time in its header, whatever time comes after it", async () => {
    const [time, right] = signatureOf(body, { secret: "whsec_connect" }).split(",");
    const other = `t=${Math.floor(START / 1_000) + 1}`;
    expect(await verify(given({ header: `${time},${other},${right}` }))).toEqual({ ok: true, endpoints: ["connect"] });
    expect(await verify(given({ header: `${other},${time},${right}` }))).toMatchObject({ ok: false, reason: "signature_mismatch" });
  });

  test("of another scheme alone does not count", async () => {
    const header = signatureOf(body, { secret: "whsec_connect" }).replace("v1=", "v0=");
    expect(await verify(given({ header }))).toMatchObject({ ok: false, reason: "header_malformed" });
  });

  test("without secrets passes nothing", async () => {
    for (const none of [[], [{ name: "connect", connect: true, secrets: [] }]])
      expect(await verify(given({ endpoints: none }))).toMatchObject({ ok: false, reason: "signature_mismatch" });
  });

  test("that is missing, or no signature, is said so", async () => {
    for (const header of [null, "", "  "]) expect(await verify(given({ header }))).toMatchObject({ ok: false, reason: "header_missing" });
    for (const header of ["t=1", "v1=00", `t=x,v1=${"0".repeat(64)}`, "nonsense", `t=-1,v1=${"0".repeat(64)}`])
      expect(await verify(given({ header }))).toMatchObject({ ok: false, reason: "header_malformed" });
  });

  test("agrees with the official package about bodies of any bytes", async () => {
    for (const text of ["", "{}", "\uFEFF{}", "a\r\nb", "\u0000", "🧗".repeat(100)]) {
      const bytes = new TextEncoder().encode(text);
      const header = Stripe.webhooks.generateTestHeaderString({ payload: text, secret: "whsec_connect", timestamp: START / 1_000 });
      expect(await verify(given({ body: bytes, header }))).toEqual({ ok: true, endpoints: ["connect"] });
    }
  });
});

describe("the time of a signature", () => {
  test("may be 300 seconds off, and not 301, in either direction", async () => {
    for (const seconds of [300, -300]) expect((await verify(given({ at: START - seconds * 1_000 }))).ok).toBe(true);
    expect(await verify(given({ at: START - 301_000 }))).toMatchObject({ ok: false, reason: "timestamp_old", skewSeconds: 301 });
    expect(await verify(given({ at: START + 301_000 }))).toMatchObject({ ok: false, reason: "timestamp_future", skewSeconds: -301 });
  });

  test("off by hours is said to be a matter of clocks, in seconds", async () => {
    expect(await verify(given({ at: START - 3_605_000 }))).toMatchObject({ says: expect.stringMatching(/3605 s old.*clock is fast/) });
    expect(await verify(given({ at: START + 3_605_000 }))).toMatchObject({
      says: expect.stringMatching(/3605 s in the future.*clock is slow/),
    });
  });

  test("is not believed before the signature is", async () => {
    expect(await verify(given({ at: START - 301_000, secret: "whsec_wrong" }))).toMatchObject({ reason: "signature_mismatch" });
  });
});

describe("a body that does not match is told apart by what happened to it", () => {
  const sent = new TextDecoder().decode(body);
  const header = signatureOf(body, { secret: "whsec_connect" });
  test.each([
    ["parsed and serialized again", JSON.stringify(JSON.parse(sent))],
    ["byte order mark", `\uFEFF${sent}`],
    ["line feed was added", `${sent}\n`],
    ["carriage returns", sent.replaceAll("\n", "\r\n")],
  ])("%s", async (what, received) => {
    const outcome = await verify(given({ header, body: new TextEncoder().encode(received) }));
    expect(outcome).toMatchObject({ ok: false, reason: "body_reserialized", says: expect.stringContaining(what) });
  });

  test("its last line feed cut off", async () => {
    const withFeed = new TextEncoder().encode(`${sent}\n`);
    const outcome = await verify(given({ header: signatureOf(withFeed, { secret: "whsec_old" }), body }));
    expect(outcome).toMatchObject({ reason: "body_reserialized", says: expect.stringContaining("line feed was cut off") });
  });

  test("one byte changed is a mismatch, and nothing else", async () => {
    const changed = new TextEncoder().encode(sent.replace("po_1", "po_2"));
    expect(await verify(given({ header, body: changed }))).toMatchObject({ reason: "signature_mismatch" });
  });
});

describe("a secret that does not match is told apart by its kind", () => {
  const says = async (secrets: string[], { connect = true, account = "acct_1" as string | null } = {}) => {
    const bytes = bodyOf(eventOf("payout.paid", { account }));
    const outcome = await verify(given({ body: bytes, secret: "whsec_of_another", endpoints: [{ name: "hook", connect, secrets }] }));
    return outcome.ok ? "" : outcome.says;
  };

  test("the CLI's where the dashboard's is needed, and the other way round", async () => {
    expect(await says([cli])).toMatch(/form that `stripe listen` prints/);
    expect(await says([cli])).not.toContain("--print-secret");
    expect(await says([dashboard])).toContain("stripe listen --print-secret");
  });

  test("a connected account's event where only the platform's endpoint is known, and the other way round", async () => {
    expect(await says([dashboard], { connect: false })).toContain("Add it with connect: true");
    expect(await says([dashboard], { account: null })).toContain("every endpoint here is a Connect endpoint");
    expect(await says([dashboard])).not.toMatch(/Add it with|every endpoint here/);
  });

  test("and no secret is ever repeated", async () => {
    for (const secret of [cli, dashboard]) expect(await says([secret])).not.toContain(secret.slice(6));
  });
});

describe("where there is no Node, and the cryptography gives promises", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("every secret is tried, and none passes that did not sign", async () => {
    vi.resetModules();
    vi.stubGlobal("process", { ...process, getBuiltinModule: undefined });
    const { verify: verifyThere } = await import("./verify.ts");
    for (const secret of ["whsec_platform", "whsec_connect", "whsec_old"])
      expect(await verifyThere(given({ secret }))).toEqual({ ok: true, endpoints: [secret === "whsec_platform" ? "platform" : "connect"] });
    expect(await verifyThere(given({ secret: "whsec_other" }))).toMatchObject({ ok: false, reason: "signature_mismatch" });
    expect(await verifyThere(given({ at: START - 301_000 }))).toMatchObject({ ok: false, reason: "timestamp_old" });
  });
});
