import { expect, test } from "vitest";
import { withoutFacades } from "./bundle-command.ts";

test.each([
  ['import { a, b as c } from "node:fs";', 'const { a, b: c } = process.getBuiltinModule("node:fs");'],
  ['import tls from "node:tls";', 'const tls = process.getBuiltinModule("node:tls");'],
  [
    'import tls$1, { connect as connect$1 } from "tls";',
    'const tls$1 = process.getBuiltinModule("tls"), { connect: connect$1 } = process.getBuiltinModule("tls");',
  ],
  ['import { a as b } from "./fs.js";', 'import { a as b } from "./fs.js";'],
  ['import pg from "pg";', 'import pg from "pg";'],
  ['  import { a } from "node:fs";', '  import { a } from "node:fs";'],
])("%s becomes %s", (code, taken) => {
  expect(withoutFacades(`1;\n${code}\n2;`)).toBe(`1;\n${taken}\n2;`);
});

test("modules are taken before and after one that names `process`", () => {
  const code = 'import { a } from "node:fs";\nimport process from "node:process";';
  const taken = (names: string, module: string) => `const ${names} = globalThis.process.getBuiltinModule("${module}");`;
  expect(withoutFacades(code)).toBe(`${taken("{ a }", "node:fs")}\n${taken("process", "node:process")}`);
});

test.each(['import * as fs from "node:fs";', 'import fs, * as all from "node:fs";'])("%s is refused", (code) => {
  expect(() => withoutFacades(code)).toThrow(`this import cannot be taken apart: ${code}`);
});
