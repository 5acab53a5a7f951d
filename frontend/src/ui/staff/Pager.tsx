import { Button } from "../Button";
import { useStaff } from "./words";

/** From page to page of a list; nothing where there is one. A button that leads nowhere keeps its place and the focus. */
export function Pager({ page, pages, onPage, testid }: { page: number; pages: number; onPage: (page: number) => void; testid: string }) {
  const t = useStaff();
  if (pages <= 1) return <span />;
  return (
    <nav className="row" aria-label={t("st.pager")}>
      <Button size="small" aria-disabled={page <= 1} onClick={() => page > 1 && onPage(page - 1)} data-testid={`${testid}.previous`}>
        {t("st.pager.previous")}
      </Button>
      <span className="secondary">{t("st.pager.page", { page, pages })}</span>
      <Button size="small" aria-disabled={page >= pages} onClick={() => page < pages && onPage(page + 1)} data-testid={`${testid}.next`}>
        {t("st.pager.next")}
      </Button>
    </nav>
  );
}
