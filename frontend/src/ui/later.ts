import { lazy, type ComponentType } from "react";
import { addCatalog, type Catalog } from "@core/i18n";

/** A page or a part of one that is downloaded when it is first drawn, together with the words it needs. */
export function later<Props extends object>(load: () => Promise<{ words?: Catalog; default: ComponentType<Props> }>) {
  return lazy(async () => {
    const module = await load();
    if (module.words) await addCatalog(module.words);
    return module;
  });
}
