import "fake-indexeddb/auto";
import { vi } from "vitest";

/** What works waits for nothing; a machine that does other things may need longer than the second that vitest gives. */
const PATIENCE_MS = 20_000;
const { waitFor } = vi;

vi.waitFor = (callback, options = {}) => waitFor(callback, { timeout: PATIENCE_MS, ...(typeof options === "number" ? { timeout: options } : options) });
