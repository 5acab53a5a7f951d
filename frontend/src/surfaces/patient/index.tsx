import { Suspense, type ReactNode } from "react";
import { Route, Switch } from "@ui/router";
import { later } from "@ui/later";
import { Home } from "./Home";
import { Intake } from "./intake/Intake";
import { Submitted } from "./intake/Submitted";
import { Me } from "./Me";
import { Messages } from "./Messages";
import { NotFound } from "./NotFound";
import { PatientShell } from "@ui/PatientShell";
import { Loading } from "@ui/states";
import { useT, type PatientId } from "./words";
import "./patient.css";

export { words } from "./words";

/** A phone downloads the conversation when somebody opens one, not before. */
const ConversationPage = later(() => import("./ConversationPage"));
const SearchPage = later(() => import("./SearchPage"));
const NoticesPage = later(() => import("./notices/NoticesPage"));
const RecordPage = later(async () => ({ default: (await import("./RecordPage")).RecordPage }));
const RecordingPage = later(async () => ({ default: (await import("./RecordingPage")).RecordingPage }));
const Access = later(async () => ({ default: (await import("./Access")).Access }));
const SessionsPage = later(() => import("./SessionsPage"));
const ReceiptsPage = later(() => import("./receipts/ReceiptsPage"));
const Rights = later(async () => ({ default: (await import("./Rights")).Rights }));
const Family = later(async () => ({ default: (await import("./Family")).Family }));
const SettingsPage = later(async () => ({ default: (await import("./SettingsPage")).SettingsPage }));

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
          <Soon name="p.chat.title" back="/messages" fill>
            <ConversationPage key={id} id={id} />
          </Soon>
        )}
      </Route>
      <Route path="/search">
        <Soon name="p.search" back="/messages">
          <SearchPage />
        </Soon>
      </Route>
      <Route path="/notices">
        <Soon name="p.notices" back="/">
          <NoticesPage />
        </Soon>
      </Route>
      <Route path="/record">
        <Soon name="p.record.title">
          <RecordPage />
        </Soon>
      </Route>
      <Route path="/record/recordings/:id">
        {({ id }) => (
          <Soon name="p.recording.title" back="/record">
            <RecordingPage id={id} />
          </Soon>
        )}
      </Route>
      <Route path="/me" component={Me} />
      <Route path="/me/access">
        <Soon name="p.access.title" back="/me">
          <Access />
        </Soon>
      </Route>
      <Route path="/me/sessions">
        <Soon name="p.sessions.title" back="/me">
          <SessionsPage />
        </Soon>
      </Route>
      <Route path="/me/receipts">
        <Soon name="p.receipts.title" back="/me">
          <ReceiptsPage />
        </Soon>
      </Route>
      <Route path="/me/rights">
        <Soon name="p.rights.title" back="/me">
          <Rights />
        </Soon>
      </Route>
      <Route path="/me/family">
        <Soon name="p.family" back="/me">
          <Family />
        </Soon>
      </Route>
      <Route path="/me/settings">
        <Soon name="p.settings.title" back="/me">
          <SettingsPage />
        </Soon>
      </Route>
      <Route component={NotFound} />
    </Switch>
  );
}

/** The frame of a page whose code is on its way. */
function Soon({ name, back, fill = false, children }: { name: PatientId; back?: string; fill?: boolean; children: ReactNode }) {
  const t = useT();
  const coming = (
    <PatientShell title={t(name)} fill={fill} {...(back && { back })}>
      <Loading />
    </PatientShell>
  );
  return <Suspense fallback={coming}>{children}</Suspense>;
}
