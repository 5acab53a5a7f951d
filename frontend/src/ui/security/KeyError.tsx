import { codedFrom, RequestFailed } from "@core/errors";
import { ErrorState } from "../states";
import { useSecurity } from "./words";

/** What went wrong with a passkey: the server's words, or that the browser's own dialog was closed. */
export function KeyError({ error }: { error: unknown }) {
  const t = useSecurity();
  if (error instanceof RequestFailed) return <ErrorState error={codedFrom(error)} />;
  return (
    <p className="sc-problem" role="alert" data-testid="sc.passkey.cancelled">
      {t("sc.passkey.cancelled")}
    </p>
  );
}
