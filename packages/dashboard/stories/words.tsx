import { CopyButton } from "../src/design/copy-button.tsx";
import { Id } from "../src/design/id.tsx";
import { Badge, State } from "../src/design/state.tsx";
import { RowTime, Time } from "../src/design/time.tsx";
import type { Story } from "./story.ts";

const NOW = Math.floor(Date.now() / 1_000);
const EVENT = "evt_0VcOyW6o00UyFuUSPjxUNGzQ";

/** Words, ids and times, and the buttons that stand among them. */
export const WORD_STORIES: readonly Story[] = [
  {
    part: "State",
    states: {
      good: <State tone="good">Delivered</State>,
      bad: <State tone="bad">Given up</State>,
      waiting: <State tone="waiting">Pending</State>,
      quiet: <State tone="quiet">Cancelled</State>,
    },
  },
  {
    part: "Badge",
    states: {
      quiet: <Badge>express</Badge>,
      good: <Badge tone="good">merchant</Badge>,
      bad: <Badge tone="bad">rejected</Badge>,
      waiting: <Badge tone="waiting">pending</Badge>,
    },
  },
  {
    part: "Id",
    states: {
      "short, with a page": <Id id={EVENT} />,
      "without a page": <Id id="cus_0VcOyW6o00UyFu" />,
      "whole, to copy": <Id id={EVENT} whole copy link={false} />,
    },
  },
  {
    part: "Time",
    states: {
      "just now": <Time at={NOW} />,
      "long ago, with the exact one": <Time at={NOW - 8_000_000} exact />,
      ahead: <Time at={NOW + 7_300} exact />,
      "of a row": <RowTime at={NOW - 90} />,
    },
  },
  {
    part: "Button",
    states: {
      plain: <button type="button">Resend</button>,
      quiet: (
        <button type="button" className="quiet">
          Cancel
        </button>
      ),
      bare: (
        <button type="button" className="bare">
          Clear
        </button>
      ),
      danger: (
        <button type="button" className="danger">
          Delete
        </button>
      ),
      disabled: (
        <button type="button" disabled>
          Create
        </button>
      ),
      "to copy, as a mark": <CopyButton text="text" what="Copy the text" />,
      "to copy, in words": <CopyButton text="text">Copy as curl</CopyButton>,
    },
  },
];
