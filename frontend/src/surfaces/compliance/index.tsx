import { Suspense } from "react";
import { I18nProvider } from "react-aria-components";
import { Redirect, Route, Switch, useLocation } from "@ui/router";
import { later } from "@ui/later";
import { useSession } from "@ui/live";
import { useLocale } from "@ui/settings";
import { useKeys } from "@ui/staff/keys";
import { Loading } from "@ui/states";
import { AccessRequest } from "./AccessRequest";
import { isApprover, isOfficer } from "./api";
import { Approvals } from "./Approvals";
import { DecisionPage } from "./Decision";
import { GrantPage } from "./GrantPage";
import { IntegrityCentre } from "./IntegrityCentre";
import { words as logWords } from "./log/words";
import { RetentionDesk } from "./retention/RetentionDesk";
import { Search } from "./Search";
import { SEARCH_FIELD } from "./SearchForm";
import { Viewer } from "./Viewer";
import { Worklist } from "./Worklist";
import "./compliance.css";
import "./search.css";
import "./viewer.css";
import "./pack.css";

export { words } from "./words";

const AccessLog = later(() => import("./log"));
const Reviews = later(() => import("./oversight/Reviews"));
const MonthPage = later(() => import("./oversight/MonthPage"), logWords); // it lists entries of the log
const Samples = later(() => import("./sampling/Samples"));
const SamplePage = later(() => import("./sampling/SamplePage"));

/** The compliance console. An officer searches, asks and reads; an approver decides; an auditor sees the access log and the ledger's health. */
export default function ComplianceSurface() {
  const { roles } = useSession();
  const [officer, approver] = [isOfficer(roles), isApprover(roles)];
  useSearchKey(officer || approver);
  const locale = useLocale();
  // The lists' own spoken words follow the page, not the browser.
  return (
    <I18nProvider locale={locale === "en" ? "en-US" : "zh-CN"}>
      <Suspense fallback={<Loading />}>{officer || approver ? <Pages /> : <AuditorPages />}</Suspense>
    </I18nProvider>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/" component={Worklist} />
      <Route path="/search" component={Search} />
      <Route path="/request" component={AccessRequest} />
      <Route path="/grants/:id">{({ id }) => <GrantPage id={id} />}</Route>
      <Route path="/grants/:id/case">{({ id }) => <Viewer key={id} id={id} />}</Route>
      <Route path="/approvals" component={Approvals} />
      <Route path="/approvals/:id">{({ id }) => <DecisionPage key={id} id={id} />}</Route>
      <Route path="/log" component={AccessLog} />
      <Route path="/log/reviews" component={Reviews} />
      <Route path="/log/reviews/:month">{({ month }) => <MonthPage key={month} month={month} />}</Route>
      <Route path="/samples" component={Samples} />
      <Route path="/samples/:id">{({ id }) => <SamplePage key={id} id={id} />}</Route>
      <Route path="/integrity" component={IntegrityCentre} />
      <Route path="/retention" component={RetentionDesk} />
      <Route>
        <Redirect to="/" replace />
      </Route>
    </Switch>
  );
}

function AuditorPages() {
  return (
    <Switch>
      <Route path="/" component={IntegrityCentre} />
      <Route path="/log" component={AccessLog} />
      <Route path="/log/reviews" component={Reviews} />
      <Route path="/log/reviews/:month">{({ month }) => <MonthPage key={month} month={month} />}</Route>
      <Route>
        <Redirect to="/" replace />
      </Route>
    </Switch>
  );
}

/** Ctrl+K or ⌘K goes to the search from every page. */
function useSearchKey(on: boolean): void {
  const [, go] = useLocation();
  useKeys({
    "Ctrl+KeyK": () => {
      const field = document.querySelector<HTMLInputElement>(SEARCH_FIELD);
      if (field) field.focus();
      else if (on) go("/search");
    },
  });
}
