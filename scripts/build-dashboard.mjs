// Builds the dashboard's page. `npm install` runs it in a clone, so that `npm start` has the page. Plain JavaScript,
// because the Node.js that npm runs on may be too old for TypeScript.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const at = (path) => new URL(`../${path}`, import.meta.url);

// An install without development dependencies lacks the build tools, and works without the page.
if (!existsSync(at("node_modules/vite"))) console.log("The dashboard is not built: its build tools are not installed.");
else if (existsSync(at("packages/dashboard/vite.config.ts"))) {
  const { status } = spawnSync("npm", ["run", "build", "--workspace", "packages/dashboard"], {
    cwd: at("."),
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  process.exitCode = status ?? 1;
}
