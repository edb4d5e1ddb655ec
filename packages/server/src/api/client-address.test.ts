import { expect, test } from "vitest";
import { addressGroup, createClientAddresses } from "./client-address.ts";

const clients = createClientAddresses(["10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7"]);

test.each([
  // No trusted proxy wrote the header.
  ["203.0.113.9", "198.51.100.1", "203.0.113.9"],
  ["203.0.113.9", undefined, "203.0.113.9"],
  ["::ffff:203.0.113.9", "10.0.0.1", "203.0.113.9"],
  // A trusted proxy did.
  ["10.1.2.3", "198.51.100.1", "198.51.100.1"],
  ["::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"],
  ["2001:db8:1::1", "2001:DB8:2:0:0::9", "2001:db8:2::9"],
  ["192.0.2.7", " 198.51.100.1 ", "198.51.100.1"],
  // What the client wrote itself is on the left.
  ["10.1.2.3", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
  ["10.1.2.3", "10.9.9.9, 198.51.100.1,10.4.4.4", "198.51.100.1"],
  ["10.1.2.3", "1.1.1.1, nonsense, 10.4.4.4", "10.4.4.4"],
  // Forms of a hop.
  ["10.1.2.3", "198.51.100.1:4711", "198.51.100.1"],
  ["10.1.2.3", "[2001:db8:2::9]:4711", "2001:db8:2::9"],
  ["10.1.2.3", "[2001:db8:2::9]", "2001:db8:2::9"],
  // Nothing usable: only the proxy itself is known.
  ["10.1.2.3", undefined, "10.1.2.3"],
  ["10.1.2.3", "", "10.1.2.3"],
  ["10.1.2.3", "unknown", "10.1.2.3"],
  ["10.1.2.3", "127.1", "10.1.2.3"],
  ["10.1.2.3", "0x7f000001", "10.1.2.3"],
  ["10.1.2.3", "10.1.1.1, 10.2.2.2", "10.1.1.1"],
  [undefined, "198.51.100.1", null],
])("a request from %s with X-Forwarded-For: %s is from %s", (peer, forwardedFor, address) => {
  expect(clients.of(peer, forwardedFor)).toBe(address);
});

test("without trusted proxies the header says nothing", () => {
  expect(createClientAddresses([]).of("10.1.2.3", "198.51.100.1")).toBe("10.1.2.3");
});

test.each(["", "proxy.internal", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "::/129", "10.0.0.0/"])(
  "%j is no range",
  (range) => {
    expect(() => createClientAddresses([range])).toThrow("trustedProxies");
  },
);

test("an IPv6 client counts with all of its /64", () => {
  expect(addressGroup("2001:db8::1")).toBe(addressGroup("2001:db8::ffff:1:2:3"));
  expect(addressGroup("2001:db8::1")).not.toBe(addressGroup("2001:db8:0:1::1"));
  expect(addressGroup("192.0.2.1")).not.toBe(addressGroup("192.0.2.2"));
});
