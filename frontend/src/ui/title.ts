import { useEffect } from "react";
import { useUi } from "./words";

/** The page's own title first, the product last: "(3) 张三 · 高血压复诊 — 信桥". */
export function useTitle(title: string): void {
  const t = useUi();
  const product = t("ui.product");
  useEffect(() => {
    document.title = title ? `${title} — ${product}` : product;
  }, [title, product]);
}
