import type { ReactNode } from "react";
import type { Endpoint } from "../api/answers.ts";
import { useServerTime } from "../design/now.ts";
import { State } from "../design/state.tsx";
import { heldNow } from "./endpoint-queue.ts";
import { endpointStanding } from "./endpoint-words.ts";

/** The state of an endpoint: a mark and a word. */
export function EndpointState({ endpoint }: { endpoint: Endpoint }): ReactNode {
  const isHeld = useServerTime((now) => heldNow(endpoint, now / 1_000) !== null);
  const { tone, word } = isHeld ? ({ tone: "bad", word: "Held back" } as const) : endpointStanding(endpoint);
  return <State tone={tone}>{word}</State>;
}
