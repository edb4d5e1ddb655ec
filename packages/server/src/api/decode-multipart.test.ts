import { ApiError } from "@carabiner/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../limits.ts";
import { decodeMultipart } from "./decode-multipart.ts";

const TYPE = "multipart/form-data; boundary=XX";

interface Part {
  head: string;
  body: string | Uint8Array;
}

function bodyOf(parts: readonly Part[], end = "--XX--\r\n"): Buffer {
  const pieces = parts.flatMap(({ head, body }) => [Buffer.from(`--XX\r\n${head}\r\n\r\n`), Buffer.from(body), Buffer.from("\r\n")]);
  return Buffer.concat([...pieces, Buffer.from(end)]);
}

const field = (name: string, body: string): Part => ({ head: `Content-Disposition: form-data; name="${name}"`, body });
const file = (name: string, filename: string, body: string | Uint8Array): Part => ({
  head: `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: application/octet-stream`,
  body,
});

const decode = (bytes: Uint8Array, type = TYPE, limits = {}) => decodeMultipart({ type, bytes }, { ...DEFAULT_LIMITS, ...limits });

/** Why a body was refused. */
async function refused(bytes: Uint8Array, type = TYPE, limits = {}): Promise<string> {
  try {
    await decode(bytes, type, limits);
  } catch (error) {
    if (error instanceof ApiError && error.error === "upload_malformed") return error.message;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a body in parts", () => {
  test("is a form and its files", async () => {
    const { form, uploads } = await decode(
      bodyOf([field("purpose", "identity & more"), file("file", "a.png", "content"), field("a[b]", "é")]),
    );
    expect(form).toBe("purpose=identity+%26+more&a%5Bb%5D=%C3%A9");
    expect(uploads).toEqual([
      {
        param: "file",
        name: "a.png",
        bytes: Buffer.from("content"),
        sha256: "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",
      },
    ]);
  });

  test("may be nothing but its end", async () => {
    expect(await decode(bodyOf([]))).toEqual({ form: "", uploads: [] });
  });

  test("keeps an empty file and an empty field", async () => {
    const { form, uploads } = await decode(bodyOf([field("a", ""), file("file", "a.png", "")]));
    expect([form, uploads.map(({ bytes }) => bytes.length)]).toEqual(["a=", [0]]);
  });

  test("passes over a part that does not say what it is", async () => {
    expect(await decode(bodyOf([{ head: "Content-Type: text/plain", body: "x" }, field("a", "1")]))).toEqual({ form: "a=1", uploads: [] });
  });

  test("loses the folders of a file's name", async () => {
    const { uploads } = await decode(bodyOf([file("file", "../../etc/passwd", "x")]));
    expect(uploads.map(({ name }) => name)).toEqual(["passwd"]);
  });
});

describe("a body is refused", () => {
  test("without a boundary", async () => {
    await expect(async () => decode(bodyOf([]), "multipart/form-data")).rejects.toThrow("names no boundary");
  });

  test("when it ends early, wherever", async () => {
    const whole = bodyOf([field("purpose", "x"), file("file", "a.png", "content")], "--XX--");
    for (let length = 0; length < whole.length - 2; length++) await refused(whole.subarray(0, length));
  });

  test("with more parts, larger fields or more files than the limits", async () => {
    expect(await refused(bodyOf([field("a", "1"), field("b", "2")]), TYPE, { uploadParts: 1 })).toContain("more than 1 parts");
    expect(await refused(bodyOf([field("a", "12345")]), TYPE, { uploadFieldBytes: 4 })).toContain("a has more than 4 bytes");
    expect(await refused(bodyOf([file("file", "a", "1"), file("file", "b", "2")]))).toContain("more than one file");
  });

  test("with a part that has no name", async () => {
    expect(await refused(bodyOf([{ head: "Content-Disposition: form-data", body: "x" }]))).toContain("no name");
    expect(await refused(bodyOf([{ head: 'Content-Disposition: form-data; filename="a"', body: "x" }]))).toContain("no name");
  });
});

test("whatever is in a file comes out as it went in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (content) => {
      fc.pre(!Buffer.from(content).includes("\r\n--XX"));
      const { uploads } = await decode(bodyOf([field("purpose", "x"), file("file", "a.bin", content)]));
      expect(uploads).toHaveLength(1);
      expect(Buffer.from(uploads[0]?.bytes ?? []).equals(Buffer.from(content))).toBe(true);
    }),
  );
});

test("anything at all is taken apart or refused, and nothing hangs or breaks", async () => {
  const piece = fc.oneof(
    fc.constantFrom("--XX", "--XX--", "\r\n", "\r\n\r\n", "\n", ":", 'Content-Disposition: form-data; name="a"', '; filename="b"', "\0"),
    fc.constantFrom("Content-Disposition: attachment", "Content-Type: text/plain; charset=utf-16", "Content-Transfer-Encoding: base64"),
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      try {
        const { uploads } = await decode(Buffer.from(pieces.join(""), "latin1"));
        expect(uploads.length).toBeLessThanOrEqual(1);
      } catch (error) {
        expect(error).toBeInstanceOf(ApiError);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("any content type is read or refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 90 }), async (boundary) => {
      try {
        await decode(bodyOf([field("a", "1")]), `multipart/form-data; boundary=${boundary}`);
      } catch (error) {
        expect(error).toBeInstanceOf(ApiError);
      }
    }),
  );
});
