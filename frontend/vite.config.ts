import { fileURLToPath } from "node:url";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { precache } from "./scripts/precache.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const BACKEND = process.env["XINQIAO_BACKEND"] ?? "http://127.0.0.1:8000";

/** What an open conversation needs, and nobody before. */
const TALK = /\/ui\/(talk|search|attachments|voice|notices)\/|\/ui\/(Message|message|log|LogRow|Composer|composer|EventCards|StatusWords|EnterGuard|OtherDraft|useDraft|useSeen|useConversation)|\/core\/(conversation|draftBox|timeline|rows|search|scheduled|sides|typing)\./;
/** What is loaded when it is needed, if ever. */
const LATER = /\/core\/calls\/(?!current)|\/ui\/calls\/(?!CallHost)|\/ui\/captions\/|\/(core|ui)\/rooms\/|\/core\/capture\/(?!flag)|\/ui\/capture\/(?!CaptureHost)|\/core\/(polling|outboxFiles|worker|receipts|ledgerProof|recordings|transcripts|charts|rights|family|looks|drafts|holes|oneAtATime|search|captures|bytes)\.|\/ui\/(copy|toastError|useLeaveGuard|useRoom|fields|DaySeparator|LanguageSwitch|language)/;
/** What only staff pages use. */
const STAFF = /\/ui\/(staff\/|security\/|StaffShell|StaffPerson|ThemeSwitch|bell|Integrity|integrity)|\/core\/(diff|upload|review|callRecorder|risks)\./;

/** Icons of a patient's first page that other pages use too: a file of its own costs more than the icon. */
const ICONS = /\/icons\/(messages-square|user-round|search)\./;

/** Our own modules that every first page uses. */
function isKit(id: string): boolean {
  if (ICONS.test(id)) return true;
  return /\/src\/(core|ui)\//.test(id) && !/locales/.test(id) && ![TALK, LATER, STAFF].some((others) => others.test(id));
}

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

export default defineConfig(({ command }) => ({
  // The server hands out the built files under /static/ and index.html everywhere else; the development server does it all at /.
  base: command === "build" ? "/static/" : "/",
  plugins: [
    react(),
    lingui({ failOnMissing: true, failOnCompileError: true }),
    { ...optimizeLocales.vite({ locales: ["zh-CN", "en-US"] }), enforce: "pre" },
    chunkModules(),
    precache(),
  ],
  resolve: {
    alias: {
      "@core": path("./src/core"),
      "@ui": path("./src/ui"),
    },
  },
  build: {
    outDir: "dist",
    // Five-year-old phones and the browsers inside messaging apps.
    target: ["chrome99", "safari15.4", "firefox102"],
    manifest: true,
    // A data: URL would need `img-src data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: path("./index.html"), sw: path("./src/worker/sw.ts") },
      // One chunk for everything of ours that the patient shares with others compresses better than eight.
      output: {
        codeSplitting: { groups: [{ name: "kit", test: isKit }] },
        // The service worker lives at one address for ever.
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
      onLog(level, log, handler) {
        // Libraries mark their modules for server components; there is no server rendering here.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handler(level, log);
      },
    },
  },
  server: {
    proxy: {
      // The Host header stays as it is: the server compares it with Origin.
      "/api": { target: BACKEND, changeOrigin: false },
      "/readyz": { target: BACKEND, changeOrigin: false },
      "/poll": { target: BACKEND, changeOrigin: false },
      "/ws": { target: BACKEND, changeOrigin: false, ws: true },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    testTimeout: 60_000,
  },
}));
