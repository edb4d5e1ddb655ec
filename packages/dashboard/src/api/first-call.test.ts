import { expect, test } from "vitest";
import { CREATE_ENDPOINT, firstCall } from "./first-call.ts";

test("the command contains a development server's key, because it is public", () => {
  const at = { url: "http://127.0.0.1:13001", mode: "live", development: true } as const;
  expect(firstCall(at, ...CREATE_ENDPOINT)).toEqual({
    command:
      "curl http://127.0.0.1:13001/v1/webhook_endpoints -u sk_live_carabinerForLocalTesting: -d url=http://127.0.0.1:4242/webhook -d connect=true -d 'enabled_events[]=*'",
  });
});

test("another server's command takes the key from the environment, and says so", () => {
  const at = { url: "https://example.com/carabiner", mode: "test", development: false } as const;
  const { command, note } = firstCall(at, "/v1/account");
  expect(command).toBe('curl https://example.com/carabiner/v1/account -u "$CARABINER_API_KEY":');
  expect(note).toContain("CARABINER_API_KEY");
});
