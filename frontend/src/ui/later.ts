import { lazy, type ComponentType } from "react";
import { addCatalog, type Catalog } from "@core/i18n";

const AGAIN_MS = 3_000;

interface Module<Props extends object> {
  words?: Catalog;
  default: ComponentType<Props>;
}

/** A page or a part of one that is downloaded when it is first drawn, together with the words it needs: those its module names, and those
 * named here, which come at the same time as the code. Without a network it is waited for: what is drawn already stays usable. */
export function later<Props extends object>(load: () => Promise<Module<Props>>, ...words: readonly Catalog[]) {
  return lazy(() => insist(load, words));
}

async function insist<Props extends object>(load: () => Promise<Module<Props>>, words: readonly Catalog[]): Promise<Module<Props>> {
  for (;;) {
    try {
      const [module] = await Promise.all([load(), ...words.map(addCatalog)]);
      if (module.words) await addCatalog(module.words);
      return module;
    } catch (error) {
      // With a network it is the server that no longer has the file: the page says so and offers to load again.
      if (navigator.onLine) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
