import { lazy, type ComponentType } from "react";
import { addCatalog, type Catalog } from "@core/i18n";

const AGAIN_MS = 3_000;

/** A page or a part of one that is downloaded when it is first drawn, together with the words it needs. Without a network it is
 * waited for: what is drawn already stays usable. */
export function later<Props extends object>(load: () => Promise<{ words?: Catalog; default: ComponentType<Props> }>) {
  return lazy(() => insist(load));
}

async function insist<Props extends object>(load: () => Promise<{ words?: Catalog; default: ComponentType<Props> }>): Promise<{ default: ComponentType<Props> }> {
  for (;;) {
    try {
      const module = await load();
      if (module.words) await addCatalog(module.words);
      return module;
    } catch (error) {
      // With a network it is the server that no longer has the file: the page says so and offers to load again.
      if (navigator.onLine) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
