import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { HOSTILE_HOSTS } from "../test/transport/hostile-hosts.ts";
import { checkUrl, createAddressGuard } from "./destinations.ts";

const PUBLIC_ONLY = { allowLocal: false };
const LOCAL_TOO = { allowLocal: true };

describe("checkUrl", () => {
  it.each(HOSTILE_HOSTS)("refuses http://%s", (host) => {
    for (const url of [`http://${host}/hook`, `https://${host}:8443/`, `HTTP://${host}`]) {
      expect(checkUrl(url, PUBLIC_ONLY)).toEqual({ problem: "not_allowed", url: null });
    }
  });

  it.each([
    "localhost",
    "LOCALHOST",
    "localhost.",
    "api.localhost",
    "localhost.localdomain",
    "printer.local",
    "metadata.google.internal",
    "router.home.arpa",
    "intranet",
    "ｌocalhost",
  ])("refuses the name %s", (name) => {
    expect(checkUrl(`https://${name}/`, PUBLIC_ONLY).problem).toBe("not_allowed");
    expect(checkUrl(`https://${name}/`, LOCAL_TOO).problem).toBeNull();
  });

  it.each([
    ["example.com/hook", "scheme_missing"],
    ["localhost:3000", "scheme_missing"],
    ["http:example.com", "scheme_missing"],
    ["http:\\\\127.0.0.1", "scheme_missing"],
    ["//example.com", "scheme_missing"],
    [" https://example.com", "scheme_missing"],
    ["mailto:someone@example.com", "scheme_missing"],
    ["", "scheme_missing"],
    ["https://", "invalid"],
    ["https://exa mple.com", "invalid"],
    ["https://example.com\n", "invalid"],
    ["https://exam\tple.com", "invalid"],
    ["https://example.com:99999", "invalid"],
    ["https://[::1", "invalid"],
    ["https://256.256.256.256", "invalid"],
    ["https://example.com/\0", "invalid"],
    ["ftp://example.com", "not_http"],
    ["file:///etc/passwd", "not_http"],
    ["gopher://127.0.0.1", "not_http"],
    ["https://user@example.com", "has_credentials"],
    ["https://user:password@example.com", "has_credentials"],
    ["https://example.com@127.0.0.1", "has_credentials"],
    ["https://:password@127.0.0.1", "has_credentials"],
    ["http:///127.0.0.1", "not_allowed"],
  ])("says of %j: %s", (url, problem) => {
    expect(checkUrl(url, PUBLIC_ONLY).problem).toBe(problem);
  });

  it.each([
    "https://example.com/hook?a=1",
    "http://example.com",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]:8443/x",
    "https://bücher.example/",
    "https://localhost.example.com/",
  ])("lets %s through", (url) => {
    expect(checkUrl(url, PUBLIC_ONLY)).toEqual({ problem: null, url: new URL(url) });
  });

  it("leaves names to the guard of the connection where ranges are allowed", () => {
    expect(checkUrl("http://receiver:3000/", { allowLocal: false, allowedRanges: ["10.20.0.0/16"] }).problem).toBeNull();
    expect(checkUrl("http://10.20.3.4/", { allowLocal: false, allowedRanges: ["10.20.0.0/16"] }).problem).toBeNull();
    expect(checkUrl("http://10.21.3.4/", { allowLocal: false, allowedRanges: ["10.20.0.0/16"] }).problem).toBe("not_allowed");
  });
});

describe("the guard", () => {
  it("allows loopback and private addresses in development, and nothing else that is not public", () => {
    const allows = createAddressGuard(LOCAL_TOO);
    for (const address of [
      "127.0.0.1",
      "127.9.9.9",
      "::1",
      "10.0.0.1",
      "172.16.9.9",
      "192.168.1.1",
      "fd12::1",
      "::ffff:127.0.0.1",
      "8.8.8.8",
    ])
      expect(allows(address), address).toBe(true);
    for (const address of [
      "169.254.169.254",
      "::ffff:169.254.169.254",
      "fd00:ec2::254",
      "fd20:ce::254",
      "169.254.1.1",
      "fe80::1",
      "fe80::1%eth0",
      "0.0.0.0",
      "::",
      "64:ff9b::7f00:1",
      "2002:7f00:1::",
      "100.64.0.1",
      "224.0.0.1",
      "2001:db8::1",
      "::7f00:1",
    ])
      expect(allows(address), address).toBe(false);
  });

  it("keeps metadata refused in an allowed range, unless it is named alone", () => {
    expect(createAddressGuard({ allowLocal: true, allowedRanges: ["169.254.0.0/16", "fd00::/8"] })("169.254.169.254")).toBe(false);
    expect(createAddressGuard({ allowLocal: true, allowedRanges: ["169.254.0.0/16", "fd00::/8"] })("fd00:ec2::254")).toBe(false);
    expect(createAddressGuard({ allowLocal: false, allowedRanges: ["169.254.0.0/16"] })("169.254.1.1")).toBe(true);
    expect(createAddressGuard({ allowLocal: false, allowedRanges: ["169.254.169.254/32"] })("169.254.169.254")).toBe(true);
    expect(createAddressGuard({ allowLocal: false, allowedRanges: ["fd00:ec2::254/128"] })("fd00:ec2::254")).toBe(true);
  });

  it.each(["10.0.0.0", "10.0.0.0/33", "ten", ""])("says that %j is not a range", (range) => {
    expect(() => createAddressGuard({ allowLocal: false, allowedRanges: [range] })).toThrow(/CIDR/);
  });

  it("refuses what it cannot read", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !ipaddr.isValid(text)),
        (text) => {
          expect(createAddressGuard({ allowLocal: true, allowedRanges: ["0.0.0.0/0", "::/0"] })(text)).toBe(false);
        },
      ),
    );
  });

  it("judges an IPv4 address the same in its IPv6 form", () => {
    const allows = createAddressGuard(PUBLIC_ONLY);
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(allows(`::ffff:${address}`)).toBe(allows(address));
      }),
    );
  });
});

it.each([
  ["https://example.com/", 443],
  ["http://example.com/", 80],
  ["https://example.com:8443/", 8443],
])("the port of %s, named or not, is %i to the rules", (url, port) => {
  const problem = (rules: object) => checkUrl(url, { ...PUBLIC_ONLY, ...rules }).problem;
  expect(problem({ allowedPorts: [port] })).toBeNull();
  expect(problem({ refusedPorts: [port] })).toBe("not_allowed");
  expect(problem({ allowedPorts: [port + 1] })).toBe("not_allowed");
  expect(problem({ refusedPorts: [port + 1] })).toBeNull();
  // What is refused stays so, also where it is allowed.
  expect(problem({ allowedPorts: [port], refusedPorts: [port] })).toBe("not_allowed");
});
