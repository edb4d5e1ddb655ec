import { Counted } from "../src/design/counted.tsx";
import { Sparkline } from "../src/design/sparkline.tsx";
import { ByDay } from "../src/records/by-day.tsx";
import type { Story } from "./story.ts";

const DAY_S = 86_400;
const TODAY = Math.floor(Date.now() / 1_000 / DAY_S) * DAY_S;

/** Figures over time. */
export const FIGURE_STORIES: readonly Story[] = [
  {
    part: "Counts above a list",
    states: {
      "with some that fail": (
        <span className="filter-end">
          <Counted
            shown="50+ shown"
            kinds={[
              { count: 1_234, word: "failing", filter: ["state", "retrying"], bad: true },
              { count: 2, word: "given up", filter: ["state", "exhausted"], bad: true },
            ]}
          />
        </span>
      ),
      "with none": (
        <span className="filter-end">
          <Counted shown="5" kinds={[{ count: 0, word: "paused", filter: ["standing", "paused"] }]} />
        </span>
      ),
    },
  },
  {
    part: "Sparkline",
    states: {
      "a day with failures": (
        <Sparkline bars={Array.from({ length: 24 }, (_, hour) => ({ good: hour * 3, bad: hour % 5 }))} label="Deliveries by hour" />
      ),
      "a day without any": <Sparkline bars={Array.from({ length: 24 }, () => ({ good: 0, bad: 0 }))} label="No deliveries" />,
    },
  },
  {
    part: "Chart",
    states: {
      "deliveries by day": (
        <ByDay
          hours={Array.from({ length: 9 }, (_, day) => ({
            hour: TODAY - day * DAY_S,
            delivered: 40 + day * 3,
            failed: day % 4,
            waiting: 0,
          }))}
        />
      ),
    },
  },
];
