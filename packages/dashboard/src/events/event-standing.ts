import type { Delivery } from "../api/answers.ts";
import type { Tone } from "../design/state.tsx";
import { type Standing, standingOf } from "../records/delivery-words.ts";

/**
 * The state of an event at its endpoints, in a few words. An endpoint that has received the event counts as having
 * received it, even if another delivery to it has failed: an event can be resent manually.
 */
export function eventStanding(deliveries: readonly Delivery[]): Standing {
  const byEndpoint = Map.groupBy(deliveries, ({ webhook_endpoint: endpoint }) => endpoint);
  const tones = [...byEndpoint.values()].map((those): Tone => {
    const all = those.map((delivery) => standingOf(delivery).tone);
    return (["good", "bad", "waiting"] as const).find((tone) => all.includes(tone)) ?? "quiet";
  });
  const count = (tone: Tone): number => tones.filter((one) => one === tone).length;
  if (count("bad") > 0) return { tone: "bad", word: `${count("bad")} of ${tones.length} failing` };
  if (count("waiting") > 0) return { tone: "waiting", word: "Pending" };
  if (count("good") === 0) return { tone: "quiet", word: "Cancelled" };
  if (count("quiet") > 0) return { tone: "good", word: `${count("good")} of ${tones.length} delivered` };
  return { tone: "good", word: tones.length === 1 ? "Delivered" : `${tones.length} delivered` };
}
