import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const frontend = join(import.meta.dirname, "..");

test("the types are those of the server's document (otherwise: npm run types)", () => {
  const folder = mkdtempSync(join(tmpdir(), "types-"));
  try {
    const scripts = (JSON.parse(readFileSync(join(frontend, "package.json"), "utf8")) as { scripts: { types: string } }).scripts;
    const [, ...args] = scripts.types.replace("src/core/generated/api.ts", join(folder, "api.ts")).split(" ");
    execFileSync(process.execPath, [join(frontend, "node_modules/openapi-typescript/bin/cli.js"), ...args], { cwd: frontend, stdio: "pipe" });
    const written = readFileSync(join(frontend, "src/core/generated/api.ts"), "utf8");
    expect(written === readFileSync(join(folder, "api.ts"), "utf8")).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
