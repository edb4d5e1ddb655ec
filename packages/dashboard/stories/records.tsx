import type { Attempt } from "../src/api/answers.ts";
import { Difference } from "../src/design/difference.tsx";
import { Figure } from "../src/design/figure.tsx";
import { Json } from "../src/design/json.tsx";
import { Facts } from "../src/design/panes.tsx";
import { PhaseBar } from "../src/records/phase-bar.tsx";
import type { Story } from "./story.ts";

const OBJECT = {
  id: "po_0VcOyW6o00UyFu",
  amount: 5_000,
  arrived: null,
  instant: false,
  status: "failed",
  note: `<script>alert(1)</script> ${"long ".repeat(200)}`,
  turned: "\u202Eabc",
  lines: Array.from({ length: 120 }, (_, n) => ({ n })),
};

/** An attempt that took 90 ms. */
const attempt = (phases: Attempt["phases"]): Attempt => ({ duration_ms: 90, phases }) as Attempt;

/** What a record is put together from. */
export const RECORD_STORIES: readonly Story[] = [
  {
    part: "Facts",
    states: {
      "names and values": (
        <Facts
          facts={[
            ["Kind", "express"],
            ["E-mail", null],
            ["A name as long as names come", "A value that is long enough to be broken into several lines. ".repeat(3)],
          ]}
        />
      ),
      figures: (
        <dl className="figures">
          <Figure name="Delivered" value="99.2 %" />
          <Figure name="p95" value="120 ms" />
        </dl>
      ),
    },
  },
  {
    part: "Difference",
    states: {
      changed: <Difference now={OBJECT} previous={{ status: "pending", arrived: 1 }} />,
      "nothing changed": <Difference now={OBJECT} previous={{}} />,
    },
  },
  {
    part: "Phases",
    states: {
      "a new connection": (
        <PhaseBar attempt={attempt({ connection: "new", dns_ms: 8, connect_ms: 12, tls_ms: 25, first_byte_ms: 40, total_ms: 90 })} />
      ),
      "one that was open": (
        <PhaseBar
          attempt={attempt({ connection: "reused", dns_ms: null, connect_ms: null, tls_ms: null, first_byte_ms: 60, total_ms: 90 })}
        />
      ),
    },
  },
  {
    part: "JSON",
    states: { "folded, cut and searchable": <Json value={OBJECT} label="an object" />, empty: <Json value={{}} label="an empty object" /> },
  },
];
