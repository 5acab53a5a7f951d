import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
  dynamicImports?: string[];
}

/** Whose pages work without a network. Officers' and administrators' do not: what they see is never kept. */
const SURFACES = ["patient", "doctor"];
const SHELL = ["icon.svg", "manifest.webmanifest"];
const PLACE = /(["'`])__PRECACHE__\1/;

/** Writes the lists of files that the service worker keeps into it, and a version that changes whenever one of them does. */
export function precache(): Plugin {
  let base = "/";
  return {
    name: "precache",
    apply: "build",
    configResolved: (config) => {
      base = config.base;
    },
    writeBundle: {
      order: "post",
      sequential: true,
      handler({ dir }) {
        const root = dir ?? "dist";
        const chunks = JSON.parse(readFileSync(join(root, ".vite/manifest.json"), "utf8")) as Record<string, Chunk>;
        const lists = listsOf(chunks, base);
        const page = readFileSync(join(root, "index.html"));
        const version = createHash("sha256").update(page).update(JSON.stringify(lists)).digest("hex").slice(0, 12);
        const worker = join(root, "sw.js");
        const code = readFileSync(worker, "utf8");
        if (!PLACE.test(code)) throw new Error("the service worker has no place for its lists");
        writeFileSync(worker, code.replace(PLACE, () => JSON.stringify(JSON.stringify({ version, ...lists }))));
      },
    },
  };
}

function listsOf(chunks: Record<string, Chunk>, base: string): { shell: string[]; surfaces: Record<string, string[]> } {
  const words = Object.keys(chunks).filter((key) => /^src\/ui\/locales\//.test(key));
  const shell = new Set(["index.html", ...words].flatMap((key) => [...reach(chunks, key, false)]));
  const address = (file: string) => base + file;
  const surfaces = SURFACES.map((name) => {
    const files = [...reach(chunks, `src/surfaces/${name}/index.tsx`, true)].filter((file) => !shell.has(file));
    return [name, files.map(address).sort()] as const;
  });
  return { shell: [...SHELL, ...shell].map(address).sort(), surfaces: Object.fromEntries(surfaces) };
}

/** Every file that `key` needs; with `lazy`, also what it may load later, except other people's surfaces. */
function reach(chunks: Record<string, Chunk>, key: string, lazy: boolean, found = new Set<string>()): Set<string> {
  const chunk = chunks[key];
  if (!chunk) throw new Error(`${key} is not in the build`);
  if (found.has(chunk.file)) return found;
  if (chunk.file !== "index.html") found.add(chunk.file);
  for (const css of chunk.css ?? []) found.add(css);
  const later = lazy && key !== "index.html" ? (chunk.dynamicImports ?? []) : [];
  for (const next of [...(chunk.imports ?? []), ...later]) if (!/^src\/surfaces\/[^/]+\/index\.tsx$/.test(next)) reach(chunks, next, lazy, found);
  return found;
}
