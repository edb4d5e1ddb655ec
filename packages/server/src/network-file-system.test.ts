import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { networkFileSystem } from "./network-file-system.ts";

test("the disk of another machine is recognised by its kind, even if that number is signed", () => {
  const asked: string[] = [];
  const of = (type: number): string | null =>
    networkFileSystem("/srv/carabiner/carabiner.db", (folder) => {
      asked.push(folder);
      return type;
    });
  expect([of(0x6969), of(0xff534d42), of(0xff534d42 | 0), of(0x01021997)]).toEqual(["NFS", "SMB", "SMB", "9p"]);
  expect([of(0xef53), of(0x01021994)]).toEqual([null, null]);
  expect(new Set(asked)).toEqual(new Set(["/srv/carabiner"]));
});

test("a folder that is not there is on none", () => {
  expect(networkFileSystem(join(tmpdir(), "carabiner-none", "carabiner.db"))).toBeNull();
});
