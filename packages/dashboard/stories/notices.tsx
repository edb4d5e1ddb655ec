import { ApiFailure, Unreachable } from "../src/api/failure.ts";
import { Empty, Failed, Loading } from "../src/design/notice.tsx";
import { tell } from "../src/design/toasts.tsx";
import type { Story } from "./story.ts";

const again = (): void => tell("It was asked for again.");

/** What stands in the place of something: it is on its way, it is not there, or it could not be read. */
export const NOTICE_STORIES: readonly Story[] = [
  {
    part: "Empty",
    states: {
      "with what to do first": (
        <Empty
          title="Nothing has happened yet"
          command="curl http://127.0.0.1:12111/v1/accounts -u sk_test_carabinerForLocalTesting: -d type=express"
          note="What the command needs stands below it."
        >
          <p>Make something happen:</p>
        </Empty>
      ),
      "filtered away": <Empty title="Nothing matches the filters" />,
    },
  },
  { part: "Loading", states: { "after a while": <Loading rows={3} /> } },
  {
    part: "Failed",
    states: {
      "not there": <Failed error={new ApiFailure(404, { message: "No such event: 'evt_nothing'" }, null)} />,
      wrong: <Failed error={new ApiFailure(400, { message: "Invalid state: lost" }, null)} />,
      "for operators alone": (
        <Failed
          error={
            new ApiFailure(403, { code: "operator_session_required", message: "Only operators see it: use `carabiner audit list`." }, null)
          }
        />
      ),
      "the server is away": <Failed error={new Unreachable("The server does not answer.")} retry={again} />,
    },
  },
  {
    part: "Toast",
    states: {
      good: (
        <button type="button" onClick={() => tell("The delivery is sent again.", { href: "/deliveries/dlv_1" })}>
          Tell of a success
        </button>
      ),
      bad: (
        <button type="button" onClick={() => tell("The server does not answer.", { tone: "bad" })}>
          Tell of a failure
        </button>
      ),
    },
  },
];
