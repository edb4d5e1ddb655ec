import { expect, test } from "vitest";
import { parseEndpointUrl } from "./parse-endpoint-url.ts";

test.each(["http://127.0.0.1:4242/connect", "https://example.com", "ftp://example.com"])(
  "%s has a scheme, and the server judges it",
  (url) => {
    expect(parseEndpointUrl(url)).toBe(url);
  },
);

test.each([
  ["localhost:4242/webhook", "http://localhost:4242/webhook"],
  ["127.0.0.1:4242", "http://127.0.0.1:4242"],
  ["[::1]:4242/webhook", "http://[::1]:4242/webhook"],
  ["4242/webhook", "http://127.0.0.1:4242/webhook"],
  ["example.com/hooks", "https://example.com/hooks"],
  ["localhosted.example/hooks", "https://localhosted.example/hooks"],
])("%s lacks one, and %s is suggested", (text, meant) => {
  expect(() => parseEndpointUrl(text)).toThrow(`such as ${meant}.`);
});
