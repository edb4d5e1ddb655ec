import { describe, expect, it } from "vitest";
import { endpointUrlProblem } from "./endpoint-url.ts";

const problem = (url: string, { livemode = false, allowLocal = false } = {}) =>
  endpointUrlProblem(url, { livemode, destinations: { allowLocal } })?.error ?? null;

describe("endpointUrlProblem", () => {
  it.each([
    ["https://example.com/hook", null],
    ["http://example.com:8080/hook", null],
    ["https://8.8.8.8/hook", null],
    ["https://[2606:4700::1111]/hook", null],
    ["example.com/hook", "url_scheme_missing"],
    ["localhost:4242/hook", "url_scheme_missing"],
    ["//example.com", "url_scheme_missing"],
    ["https://", "url_invalid"],
    ["https://exa mple.com", "url_invalid"],
    ["https://1.2.3.400/", "url_invalid"],
    ["ftp://example.com/", "url_invalid"],
    ["https://exam\nple.com/", "url_invalid"],
    ["https://user:password@example.com/", "url_invalid"],
    ["http://db.localdomain/", "url_not_public"],
    ["http://localhost:4242/hook", "url_not_public"],
    ["http://api.localhost/", "url_not_public"],
    ["http://LOCALHOST./", "url_not_public"],
    ["http://printer.local/", "url_not_public"],
    ["http://intranet/", "url_not_public"],
    ["http://127.0.0.1/", "url_not_public"],
    ["http://127.1/", "url_not_public"],
    ["http://0x7f000001/", "url_not_public"],
    ["http://2130706433/", "url_not_public"],
    ["http://0.0.0.0/", "url_not_public"],
    ["http://10.1.2.3/", "url_not_public"],
    ["http://172.16.0.1/", "url_not_public"],
    ["http://192.168.1.1/", "url_not_public"],
    ["http://169.254.169.254/latest", "url_not_public"],
    ["http://100.64.0.1/", "url_not_public"],
    ["http://[::1]/", "url_not_public"],
    ["http://[::ffff:127.0.0.1]/", "url_not_public"],
    ["http://[fe80::1]/", "url_not_public"],
    ["http://[fd00::1]/", "url_not_public"],
  ])("%s with a test key: %s", (url, expected) => {
    expect(problem(url)).toBe(expected);
  });

  it("wants https with a live key, once the host is known to be public", () => {
    expect(problem("http://example.com/hook", { livemode: true })).toBe("url_https_required");
    expect(problem("https://example.com/hook", { livemode: true })).toBeNull();
    expect(problem("http://localhost/hook", { livemode: true })).toBe("url_not_public");
  });

  it("lets local addresses and http pass where they are allowed, but nothing that is not a URL", () => {
    expect(problem("http://127.0.0.1:4242/hook", { livemode: true, allowLocal: true })).toBeNull();
    expect(problem("http://localhost:4242/hook", { allowLocal: true })).toBeNull();
    expect(problem("http://169.254.169.254/latest", { allowLocal: true })).toBe("url_not_public");
    expect(problem("localhost:4242", { allowLocal: true })).toBe("url_scheme_missing");
    expect(problem("ftp://127.0.0.1/", { allowLocal: true })).toBe("url_invalid");
  });
});
