/* What a patient downloads: the entry, the patient surface and the words of one language, gzipped.
   Fails above the limit, or when another surface's code is in that graph. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 112;
const dist = new URL("../dist/", import.meta.url);
const json = (name) => JSON.parse(readFileSync(new URL(name, dist), "utf8"));
const manifest = json(".vite/manifest.json");
const modules = json(".vite/modules.json");

function reach(key, found) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the build`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const next of chunk.imports ?? []) reach(next, found);
  return found;
}

/** The keys of the catalogs of one language that the patient loads. */
const catalogs = (locale) =>
  Object.keys(manifest).filter((key) => new RegExp(`^src/(ui|surfaces/patient)/locales/${locale}\\.json`).test(key));

let failed = false;
for (const locale of ["zh-Hans", "en"]) {
  const files = new Set();
  for (const key of ["index.html", "src/surfaces/patient/index.tsx", ...catalogs(locale)]) reach(key, files);
  const js = [...files].filter((file) => file.endsWith(".js"));
  const sizes = js.map((file) => [file, gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0) / 1000;
  const strangers = js.flatMap((file) => modules[file] ?? []).filter((id) => /src\/surfaces\/(doctor|compliance|admin)\//.test(id));
  for (const [file, size] of sizes) console.log(`  ${(size / 1000).toFixed(1).padStart(6)} kB  ${file}`);
  console.log(`patient (${locale}): ${total.toFixed(1)} kB gzipped of ${LIMIT_KB}`);
  if (total > LIMIT_KB || strangers.length || catalogs(locale).length !== 2) {
    console.error(strangers.length ? `other surfaces' code: ${strangers.join(", ")}` : "over the limit, or a catalog is missing");
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
