import { useEffect, useState, type ComponentType, type ReactNode } from "react";
import { RefreshCw } from "lucide-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { dateTime } from "@core/format";
import { i18n, inLocale } from "@core/i18n";
import type { CodedError } from "@core/protocol";
import { Button } from "./Button";
import { useLocale } from "./settings";
import { useUi } from "./words";
import "./states.css";

/** Nothing for 300 ms, then grey rows, words after 2 s, and a way to try again after 10 s. */
export function Loading({ rows = 3, onRetry }: { rows?: number; onRetry?: (() => void) | undefined }) {
  const t = useUi();
  const stage = useStage();
  if (stage === 0) return <div aria-busy="true" />;
  return (
    <div className="x-loading" aria-busy="true" data-testid="x.loading">
      <div className="x-skeleton" aria-hidden="true">
        {Array.from({ length: rows }, (_, row) => (
          <div key={row} />
        ))}
      </div>
      <p role="status">{stage === 3 ? t("ui.loading.slow") : stage === 2 ? t("ui.loading") : ""}</p>
      {stage === 3 && onRetry && (
        <Button icon={RefreshCw} onClick={onRetry}>
          {t("ui.retry")}
        </Button>
      )}
    </div>
  );
}

const STAGES_MS = [300, 2_000, 10_000];

/** How many of these times have passed since the component appeared. */
function useStage(): number {
  const [stage, setStage] = useState(0);
  useEffect(() => {
    const timers = STAGES_MS.map((time, i) => setTimeout(() => setStage(i + 1), time));
    return () => timers.forEach(clearTimeout);
  }, []);
  return stage;
}

export function EmptyState({ icon: Icon, title, children, action }: { icon?: ComponentType<{ size?: number; "aria-hidden"?: boolean }>; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="x-empty" data-testid="x.empty">
      {Icon && <Icon size={32} aria-hidden />}
      <p className="x-empty-title">{title}</p>
      {children && <p className="secondary">{children}</p>}
      {action}
    </div>
  );
}

/** The words of a coded error: the server's own, or the catalog's for errors made in this browser. */
export function errorText(error: CodedError): string {
  return error.message ? inLocale(error.message) : i18n._(CLIENT_ERRORS[error.code] ?? "ui.error.generic");
}

const CLIENT_ERRORS: Record<string, string> = {
  "client.offline": "ui.error.offline",
  "client.timeout": "ui.error.timeout",
  "client.storage": "ui.error.storage",
};

/** What happened, what to do, and a reference in small print. */
export function ErrorState({ error, onRetry, children }: { error: CodedError; onRetry?: (() => void) | undefined; children?: ReactNode }) {
  const t = useUi();
  useLocale();
  return (
    <div className="x-error" role="alert" data-testid="x.error" data-code={error.code}>
      <p>{errorText(error)}</p>
      {error.retry_after && <p>{t("ui.error.after", waiting(error.retry_after))}</p>}
      {children}
      {onRetry && error.retry && (
        <Button icon={RefreshCw} onClick={onRetry} data-testid="x.error.retry">
          {t("ui.retry")}
        </Button>
      )}
      <p className="meta">{t("ui.error.reference", { code: error.ref ?? error.code })}</p>
    </div>
  );
}

/** Minutes from one and a half on, seconds below. */
function waiting(seconds: number): { minutes: number; seconds: number } {
  return { minutes: seconds > 90 ? Math.ceil(seconds / 60) : 0, seconds: Math.ceil(seconds) };
}

interface FetchedProps<Data> {
  query: UseQueryResult<Data>;
  /** What stands there when there is nothing; decided by `isEmpty`. */
  empty?: ReactNode;
  isEmpty?: (data: Data) => boolean;
  rows?: number;
  children: (data: Data) => ReactNode;
}

/** One query in all its states. Old data stays readable with its time when a refresh fails. */
export function Fetched<Data>({ query, empty, isEmpty, rows, children }: FetchedProps<Data>) {
  const t = useUi();
  const locale = useLocale();
  const retry = () => void query.refetch();
  if (query.data === undefined) {
    if (query.isError) return <ErrorState error={codedFrom(query.error)} onRetry={retry} />;
    return <Loading rows={rows ?? 3} onRetry={retry} />;
  }
  return (
    <>
      {query.isRefetchError && (
        <p className="x-stale" role="status">
          {t("ui.stale", { time: dateTime(query.dataUpdatedAt, locale) })}
        </p>
      )}
      {isEmpty?.(query.data) ? empty : children(query.data)}
    </>
  );
}
