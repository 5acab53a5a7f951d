import { fileURLToPath } from "node:url";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const BACKEND = process.env["XINQIAO_BACKEND"] ?? "http://127.0.0.1:8000";

/** Lists which source modules ended up in which chunk; `npm run size` reads it. */
function chunkModules(): Plugin {
  return {
    name: "chunk-modules",
    generateBundle(_options, bundle) {
      const chunks: Record<string, string[]> = {};
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk") chunks[chunk.fileName] = chunk.moduleIds.map((id) => id.replace(path("./"), ""));
      }
      this.emitFile({ type: "asset", fileName: ".vite/modules.json", source: JSON.stringify(chunks, null, 1) });
    },
  };
}

export default defineConfig({
  base: "/static/",
  plugins: [
    react(),
    lingui({ failOnMissing: true, failOnCompileError: true }),
    { ...optimizeLocales.vite({ locales: ["zh-CN", "en-US"] }), enforce: "pre" },
    chunkModules(),
  ],
  resolve: { alias: { "@core": path("./src/core"), "@ui": path("./src/ui") } },
  build: {
    outDir: "dist",
    // Five-year-old phones and the browsers inside messaging apps.
    target: ["chrome99", "safari15.4", "firefox102"],
    manifest: true,
    // A data: URL would need `img-src data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog(level, log, handler) {
        // Libraries mark their modules for server components; there is no server rendering here.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handler(level, log);
      },
    },
  },
  server: {
    proxy: {
      "/api": BACKEND,
      "/accounts": BACKEND,
      "/ws": { target: BACKEND, ws: true },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
  },
});
