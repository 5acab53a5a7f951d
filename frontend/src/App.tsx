import { lazy, Suspense, useCallback, useEffect, type ComponentType } from "react";
import { QueryCache, QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { codedFrom, RequestFailed } from "@core/errors";
import type { CodedError } from "@core/protocol";
import { activateLocale, addCatalog, type Catalog } from "@core/i18n";
import { forgetSession, resumeSession, signOut, type Session, type Surface } from "@core/session";
import { changeSettings, settings } from "@core/settings";
import { LiveRegions } from "@ui/announce";
import { CallHost } from "@ui/calls/CallHost";
import { CaptureHost } from "@ui/capture/CaptureHost";
import { Crash } from "@ui/Crash";
import { LiveProvider } from "@ui/live";
import { useLocation } from "@ui/router";
import { ErrorState, Loading } from "@ui/states";
import { useUi } from "@ui/words";

/** The first page is drawn and usable by then. */
const OFFLINE_AFTER_MS = 3_000;

/** What every surface exports: its words and its page. */
interface SurfaceModule {
  words: Catalog;
  default: ComponentType;
}

/** A surface and its words arrive together, and only for those who use it. */
function surface(load: () => Promise<SurfaceModule>) {
  return lazy(async () => {
    const module = await load();
    await addCatalog(module.words);
    return { default: module.default };
  });
}

const SignIn = surface(() => import("./surfaces/sign-in"));
const SURFACES: Record<Surface, ComponentType> = {
  patient: surface(() => import("./surfaces/patient")),
  doctor: surface(() => import("./surfaces/doctor")),
  compliance: surface(() => import("./surfaces/compliance")),
  admin: surface(() => import("./surfaces/admin")),
};
/** Who can be in a call. */
const CALLED: ReadonlySet<Surface> = new Set(["patient", "doctor"]);
/** Beside the surfaces of staff: the same page for all of them. */
const Security = surface(() => import("@ui/security/SecuritySurface"));

const queries = new QueryClient({
  queryCache: new QueryCache({
    // The session ended while the page was open: begin again at the entrance. What was typed is in this browser.
    onError(error, query) {
      const over = error instanceof RequestFailed && error.coded.code === "signed_out";
      if (over && query.queryKey[0] !== "session") void queries.invalidateQueries({ queryKey: ["session"] });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // The pages say themselves when the network is away; a paused query would say nothing.
      networkMode: "always",
      retry: (count, error) => count < 2 && error instanceof RequestFailed && error.coded.retry,
    },
    mutations: { networkMode: "always" },
  },
});

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Crash>
        <Suspense fallback={<Starting />}>
          <Entrance />
        </Suspense>
      </Crash>
      <LiveRegions />
    </QueryClientProvider>
  );
}

const Starting = () => (
  <main>
    <Loading />
  </main>
);

/** The session decides what is shown: the sign-in page, or the surface of this person's role. */
function Entrance() {
  const client = useQueryClient();
  const session = useQuery({ queryKey: ["session"], queryFn: resumeSession, staleTime: Infinity, retryOnMount: false, refetchOnWindowFocus: false });
  const leave = useCallback(() => {
    client.clear();
    void forgetSession().finally(() => window.location.assign("/"));
  }, [client]);
  useAccountLanguage(session.data);
  useOfflineStart(session.data?.surface);
  const [here] = useLocation();
  const over = session.error instanceof RequestFailed && session.error.coded.code === "signed_out";
  if (session.data && !over) {
    const { surface } = session.data;
    const Surface = here === "/security" && surface !== "patient" ? Security : SURFACES[surface];
    const out = () => void signOut().finally(leave);
    return (
      <LiveProvider session={session.data} onSignedOut={leave} signOut={out}>
        <Surface />
        {CALLED.has(surface) && <CallHost />}
        {CALLED.has(surface) && <CaptureHost />}
      </LiveProvider>
    );
  }
  if (!session.isError) return <Starting />;
  if (over) return <SignIn />;
  return <Closed error={codedFrom(session.error)} onRetry={() => void session.refetch()} />;
}

/** No session and no server: says so, opens by itself when the network is back, and still names the emergency number. */
function Closed({ error, onRetry }: { error: CodedError; onRetry: () => void }) {
  const t = useUi();
  useEffect(() => {
    window.addEventListener("online", onRetry);
    return () => window.removeEventListener("online", onRetry);
  }, [onRetry]);
  const offline = error.code === "client.offline";
  return (
    <main className="x-closed">
      {offline && <h1>{t("ui.closed.title")}</h1>}
      <ErrorState error={error} onRetry={onRetry}>
        {offline && <p>{t("ui.closed.wait")}</p>}
        <p>
          <a href="tel:120">{t("ui.emergency.call", { number: 120 })}</a>
        </p>
      </ErrorState>
    </main>
  );
}

/** Once the page is there and the browser idle, keeps what the next start needs, with or without a network. */
function useOfflineStart(surface: Surface | undefined): void {
  useEffect(() => {
    if (!surface || !import.meta.env.PROD || !("serviceWorker" in navigator)) return;
    const timer = setTimeout(() => void import("@core/worker").then(({ keepForOffline }) => keepForOffline(surface)).catch(() => undefined), OFFLINE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [surface]);
}

/** Until a language is chosen on this device, the account's counts. */
function useAccountLanguage(session: Session | undefined): void {
  useEffect(() => {
    const { locale, localeChosen } = settings();
    if (!session || localeChosen || session.language === locale) return;
    void activateLocale(session.language).then(() => changeSettings({ locale: session.language }));
  }, [session]);
}
