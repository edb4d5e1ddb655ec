import { describe, expect, test } from "vitest";
import { START, storeFixture } from "../../../../test/store/store-fixture.ts";
import { HandOffs } from "./hand-offs.ts";
import { decodeMessage, encodeMessage, NOTHING, type Takes } from "./node-message.ts";

const endpoint = storeFixture().endpoint();
const takes = (node: string, given: Partial<Takes> = {}): Takes => ({
  ...{ node, until: START + 1_000, leaseMs: 90_000, room: 100, except: [] },
  ...given,
});

function heard(...said: Takes[]): HandOffs {
  const handOffs = new HandOffs("publisher");
  for (const one of said) handOffs.hear(one);
  return handOffs;
}

const to = (handOffs: HandOffs, now = START) => handOffs.lease(endpoint, now)?.to?.[0] ?? null;

describe("a node that sends nothing itself", () => {
  test("leases to those that send in turn, for as long as they say", () => {
    const handOffs = heard(takes("a"), takes("b", { leaseMs: 60_000 }));
    expect([1, 2, 3, 4].map(() => to(handOffs))).toEqual(["a", "b", "a", "b"]);
    expect([1, 2].map(() => handOffs.lease(endpoint, START)?.leaseUntil)).toEqual([START + 90_000, START + 60_000]);
  });

  test("leases to none that it has not heard for too long, or that said it takes nothing", () => {
    expect(to(heard())).toBeNull();
    expect(to(heard(takes("a")), START + 999)).toBe("a");
    expect(to(heard(takes("a")), START + 1_000)).toBeNull();
    expect(to(heard(takes("a"), takes("b"), takes("a", { room: 0 })))).toBe("b");
  });

  test("leases no more to one than it said, until it says more", () => {
    const handOffs = heard(takes("a", { room: 2 }));
    expect([1, 2, 3].map(() => to(handOffs))).toEqual(["a", "a", null]);
    handOffs.hear(takes("a", { room: 1 }));
    expect([1, 2].map(() => to(handOffs))).toEqual(["a", null]);
  });

  test("leases nothing of an endpoint that a node refused to that node, and nothing of one that fails", () => {
    const handOffs = heard(takes("a", { except: [endpoint.id] }), takes("b"));
    expect([1, 2].map(() => to(handOffs))).toEqual(["b", "b"]);
    expect(handOffs.lease({ ...endpoint, firstFailureAt: START }, START)).toBeNull();
  });

  test("uses a new mark for leases after it has announced the earlier ones", () => {
    const handOffs = heard(takes("a"));
    const mark = () => handOffs.lease(endpoint, START)?.to?.[1];
    const first = mark();
    expect(mark()).toBe(first);
    handOffs.told();
    expect(mark()).not.toBe(first);
  });
});

describe("messages between nodes", () => {
  test("say what was handed over, and what a node takes", () => {
    const news = { ...NOTHING, due: 5, handed: [["a", 7] as const], takes: takes("publisher", { except: ["we_1"] }) };
    expect(encodeMessage("publisher", news).map((payload) => decodeMessage("a", payload))).toEqual([news]);
    expect(decodeMessage("publisher", encodeMessage("publisher", news)[0] as string)).toBeNull();
  });

  test("of an earlier version say nothing of that", () => {
    expect(decodeMessage("a", JSON.stringify(["b", 1, null, ["we_1"], []]))).toEqual({ ...NOTHING, due: 1, endpoints: ["we_1"] });
    expect(decodeMessage("a", JSON.stringify(["b", 1, null, [], [], [["a"], 3], [1]]))).toEqual({ ...NOTHING, due: 1 });
  });

  test("are said once when they are too long for one notification", () => {
    const endpoints = Array.from({ length: 600 }, (_, n) => `we_${String(n).padStart(24, "0")}`);
    const heard = encodeMessage("b", { ...NOTHING, endpoints, handed: [["a", 7]] }).map((payload) => {
      expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
      return decodeMessage("a", payload);
    });
    expect(heard.flatMap((news) => news?.endpoints ?? [])).toEqual(endpoints);
    expect(heard.flatMap((news) => news?.handed ?? [])).toEqual([["a", 7]]);
  });
});
