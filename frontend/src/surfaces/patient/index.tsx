import { Suspense } from "react";
import { Route, Switch } from "@ui/router";
import { later } from "@ui/later";
import { Access } from "./Access";
import { Home } from "./Home";
import { Intake } from "./intake/Intake";
import { Submitted } from "./intake/Submitted";
import { Me } from "./Me";
import { Messages } from "./Messages";
import { NotFound } from "./NotFound";
import { RecordingPage } from "./RecordingPage";
import { RecordPage } from "./RecordPage";
import { SettingsPage } from "./SettingsPage";
import { PatientShell } from "@ui/PatientShell";
import { Loading } from "@ui/states";
import { useT } from "./words";
import "./patient.css";

export { words } from "./words";

/** A phone downloads the conversation when somebody opens one, not before. */
const ConversationPage = later(() => import("./ConversationPage"));
const SearchPage = later(() => import("./SearchPage"));
const NoticesPage = later(() => import("./notices/NoticesPage"));

/** The patient's pages. Addresses are stable: a notification or a bookmark may hold one. */
export default function PatientSurface() {
  return (
    <Switch>
      <Route path="/" component={Home} />
      <Route path="/ask/sent/:client_id">{({ client_id }) => <Submitted key={client_id} client_id={client_id} />}</Route>
      <Route path="/ask/:step?">{({ step }) => <Intake step={step} />}</Route>
      <Route path="/messages" component={Messages} />
      <Route path="/consultations/:id">
        {({ id }) => (
          <Suspense fallback={<Coming name="p.chat.title" back="/messages" fill />}>
            <ConversationPage key={id} id={id} />
          </Suspense>
        )}
      </Route>
      <Route path="/search">
        <Suspense fallback={<Coming name="p.search" back="/messages" />}>
          <SearchPage />
        </Suspense>
      </Route>
      <Route path="/notices">
        <Suspense fallback={<Coming name="p.notices" back="/" />}>
          <NoticesPage />
        </Suspense>
      </Route>
      <Route path="/record" component={RecordPage} />
      <Route path="/record/recordings/:id">{({ id }) => <RecordingPage id={id} />}</Route>
      <Route path="/me" component={Me} />
      <Route path="/me/access" component={Access} />
      <Route path="/me/settings" component={SettingsPage} />
      <Route component={NotFound} />
    </Switch>
  );
}

function Coming({ name, back, fill = false }: { name: "p.chat.title" | "p.search" | "p.notices"; back: string; fill?: boolean }) {
  const t = useT();
  return (
    <PatientShell title={t(name)} back={back} fill={fill}>
      <Loading />
    </PatientShell>
  );
}
