import { useQuery } from "@tanstack/react-query";
import { Dialog } from "../Dialog";
import { Fetched } from "../states";
import { factorMethods } from "./api";
import { ShowFactor } from "./ShowFactor";
import { useSecurity } from "./words";

/** Asks once more who is there, before an act that lets much out. Whoever has no second factor is led to set one up. */
export function StepUp({ onOver }: { onOver: (confirmed: boolean) => void }) {
  const t = useSecurity();
  const query = useQuery({ queryKey: ["factor", "methods"], queryFn: factorMethods, gcTime: 0, staleTime: 0 });
  return (
    <Dialog title={t("sc.stepUp.title")} onClose={() => onOver(false)} testid="sc.stepUp">
      <Fetched query={query} rows={1}>
        {({ methods }) =>
          methods.length > 0 ? (
            <>
              <p>{t("sc.stepUp.why")}</p>
              <ShowFactor methods={methods} onShown={() => onOver(true)} />
            </>
          ) : (
            <>
              <p>{t("sc.stepUp.none")}</p>
              <p>
                <a href="/security" data-testid="sc.stepUp.setUp">
                  {t("sc.stepUp.setUp")}
                </a>
              </p>
            </>
          )
        }
      </Fetched>
    </Dialog>
  );
}
