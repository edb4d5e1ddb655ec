import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jpeg, png } from "../../../test/resources/files/image-fixtures.ts";
import { fileType, imageSize } from "./file-type.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

describe("a file's type", () => {
  test.each([
    ["jpg", jpeg(1, 1)],
    ["png", png(1, 1)],
    ["gif", bytes("GIF89a...")],
    ["gif", bytes("GIF87a...")],
    ["pdf", bytes("%PDF-1.7\n")],
    ["pdf", bytes("\xef\xbb\xbf\n%PDF-1.7")],
    ["zip", bytes("PK\x03\x04...")],
    ["json", bytes('{"a": [1]}')],
    ["json", bytes(" [1]")],
    ["svg", bytes('<?xml version="1.0"?><!-- x --><svg xmlns="…">')],
    ["svg", bytes("<svg>")],
    ["text", bytes("a,b\n1,2")],
    ["text", bytes("{ not json")],
    ["text", bytes("<html>")],
    [null, bytes("\xff\xfe")],
    [null, bytes("text with\0in it")],
    [null, bytes("\x89PNG")],
  ])("is %s by its content", (type, content) => {
    expect(fileType(content)).toBe(type);
  });

  test("is found, or not, for anything", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (content) => void fileType(content)));
  });
});

describe("an image's size", () => {
  const side = fc.integer({ min: 0, max: 65_535 });

  test("is what its head says", () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        expect(imageSize(png(width, height), "png")).toEqual({ width, height });
        expect(imageSize(jpeg(width, height), "jpg")).toEqual({ width, height });
      }),
    );
  });

  test("is unknown where the head is cut short", () => {
    for (let length = 0; length < 24; length++) expect(imageSize(png(1, 1).subarray(0, length), "png")).toBeNull();
    const whole = jpeg(1, 1);
    for (let length = 0; length < whole.length - 10; length++) expect(imageSize(whole.subarray(0, length), "jpg")).toBeNull();
  });

  test("is found, or not, for anything that begins as an image, and the search ends", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom("jpg", "png"), (rest, type) => {
        const start = type === "jpg" ? [0xff, 0xd8, 0xff] : [...png(1, 1).subarray(0, 16)];
        imageSize(new Uint8Array([...start, ...rest]), type as "jpg" | "png");
      }),
    );
  });
});
