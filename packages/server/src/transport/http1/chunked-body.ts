/** Receives the content of a chunked body. */
export type OnData = (data: Buffer) => void;

/** Where in a chunked body the next byte is. */
type Place = "size" | "extension" | "size_lf" | "data" | "data_cr" | "data_lf" | "line" | "field" | "field_lf" | "last_lf" | "end";

/** With more hexadecimal digits, a number cannot represent the size exactly. */
const SIZE_DIGITS = 13;

const CR = 0x0d;
const LF = 0x0a;

/**
 * Decodes a chunked body, however it is split. Skips extensions and trailers.
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 */
export class ChunkedBody {
  private readonly overheadLimit: number;
  private place: Place = "size";
  private digits = 0;
  private size = 0;
  /** How many bytes have been read that are not data: sizes, extensions, trailers. */
  private overhead = 0;

  /** Takes the limit for the bytes of sizes, extensions and trailers together. */
  constructor(overheadLimit: number) {
    this.overheadLimit = overheadLimit;
  }

  /** Whether the body has been read to its end. */
  get ended(): boolean {
    return this.place === "end";
  }

  /**
   * Reads from `at` on. Returns where it stopped: at the end of the chunk, or of the body. -1 when the body is not
   * valid.
   */
  read(bytes: Buffer, at: number, onData: OnData): number {
    let position = at;
    while (position < bytes.length && this.place !== "end") {
      if (this.place === "data") {
        const end = Math.min(bytes.length, position + this.size);
        this.size -= end - position;
        onData(bytes.subarray(position, end));
        position = end;
        if (this.size === 0) this.place = "data_cr";
        continue;
      }
      if (++this.overhead > this.overheadLimit || !this.step(bytes[position] as number)) return -1;
      position++;
    }
    return position;
  }

  /** Takes one byte that is not data. Returns whether it is valid at this place. */
  private step(byte: number): boolean {
    switch (this.place) {
      case "size":
        return this.stepInSize(byte);
      case "extension":
        if (byte === CR) this.place = "size_lf";
        return byte !== LF;
      case "size_lf":
        this.place = this.size === 0 ? "line" : "data";
        return byte === LF;
      case "data_cr":
        this.place = "data_lf";
        return byte === CR;
      case "data_lf":
        this.place = "size";
        this.digits = 0;
        return byte === LF;
      case "line":
        this.place = byte === CR ? "last_lf" : "field";
        return byte !== LF;
      case "field":
        if (byte === CR) this.place = "field_lf";
        return byte !== LF;
      case "field_lf":
        this.place = "line";
        return byte === LF;
      case "last_lf":
        this.place = "end";
        return byte === LF;
      default:
        return false;
    }
  }

  private stepInSize(byte: number): boolean {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      this.size = this.size * 16 + digit;
      return ++this.digits <= SIZE_DIGITS;
    }
    this.place = byte === CR ? "size_lf" : "extension";
    // Blanks may come before an extension. Source: https://www.rfc-editor.org/rfc/rfc9112#section-7.1.1
    return this.digits > 0 && (byte === CR || byte === 0x3b || byte === 0x20 || byte === 0x09);
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
