import { Suspense, type ReactNode } from "react";
import { Route, Switch } from "@ui/router";
import { later } from "@ui/later";
import { Home } from "./Home";
import { Messages } from "./Messages";
import { useNav } from "./nav";
import { NotFound } from "./NotFound";
import { PatientShell } from "@ui/PatientShell";
import { Loading } from "@ui/states";
import { words as chatWords } from "./chat/words";
import { words as intakeWords } from "./intake/words";
import { words as pageWords } from "./pages/words";
import { useT, type PatientId } from "./words";
import "./patient.css";

export { words } from "./words";

/** A phone downloads a page and its words when somebody opens it, not before; the service worker keeps them all. */
const Intake = later(async () => ({ default: (await import("./intake/Intake")).Intake }), intakeWords);
const Submitted = later(async () => ({ default: (await import("./intake/Submitted")).Submitted }), intakeWords);
const ConversationPage = later(() => import("./ConversationPage"), chatWords);
const SearchPage = later(() => import("./SearchPage"));
const NoticesPage = later(() => import("./notices/NoticesPage"));
const RecordPage = later(async () => ({ default: (await import("./RecordPage")).RecordPage }), pageWords);
const FamilyRecordPage = later(async () => ({ default: (await import("./RecordPage")).FamilyRecordPage }), pageWords);
const RecordingPage = later(async () => ({ default: (await import("./RecordingPage")).RecordingPage }), pageWords);
const Me = later(async () => ({ default: (await import("./Me")).Me }));
const Access = later(async () => ({ default: (await import("./Access")).Access }), pageWords);
const SessionsPage = later(() => import("./SessionsPage"));
const ReceiptsPage = later(() => import("./receipts/ReceiptsPage"), pageWords);
const Rights = later(async () => ({ default: (await import("./Rights")).Rights }), pageWords);
const RoomPage = later(() => import("@ui/rooms/RoomPage"));
const Family = later(async () => ({ default: (await import("./Family")).Family }), pageWords);
const SettingsPage = later(async () => ({ default: (await import("./SettingsPage")).SettingsPage }), pageWords);

/** What the page "Me" leads to. */
const MINE = [
  ["/me/access", "p.access.title", Access],
  ["/me/sessions", "p.sessions.title", SessionsPage],
  ["/me/receipts", "p.receipts.title", ReceiptsPage],
  ["/me/rights", "p.rights.title", Rights],
  ["/me/family", "p.family", Family],
  ["/me/settings", "p.settings.title", SettingsPage],
] as const;

/** The patient's pages. Addresses are stable: a notification or a bookmark may hold one. */
export default function PatientSurface() {
  return (
    <Switch>
      <Route path="/" component={Home} />
      <Route path="/ask/sent/:client_id">
        {({ client_id }) => (
          <Soon name="p.home.ask">
            <Submitted key={client_id} client_id={client_id} />
          </Soon>
        )}
      </Route>
      <Route path="/ask/:step?">
        {({ step }) => (
          <Soon name="p.home.ask" back="/" bare>
            <Intake step={step} />
          </Soon>
        )}
      </Route>
      <Route path="/messages" component={Messages} />
      <Route path="/consultations/:id">
        {({ id }) => (
          <Soon name="p.chat.title" back="/messages" bare fill>
            <ConversationPage key={id} id={id} />
          </Soon>
        )}
      </Route>
      <Route path="/room/:id">{({ id }) => <InRoom key={id} id={id} />}</Route>
      <Route path="/search">
        <Soon name="p.search" back="/messages" bare>
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
          <Soon name="p.recording.title" back="/record" bare>
            <RecordingPage id={id} back="/record" />
          </Soon>
        )}
      </Route>
      <Route path="/family/:patient">
        {({ patient }) => (
          <Soon name="p.family.record" back="/me/family">
            <FamilyRecordPage key={patient} patient={patient} />
          </Soon>
        )}
      </Route>
      <Route path="/family/:patient/recordings/:id">
        {({ patient, id }) => (
          <Soon name="p.recording.title" back={`/family/${patient}`} bare>
            <RecordingPage id={id} back={`/family/${patient}`} />
          </Soon>
        )}
      </Route>
      <Route path="/me">
        <Soon name="p.nav.me">
          <Me />
        </Soon>
      </Route>
      {MINE.map(([path, name, Page]) => (
        <Route key={path} path={path}>
          <Soon name={name} back="/me">
            <Page />
          </Soon>
        </Route>
      ))}
      <Route component={NotFound} />
    </Switch>
  );
}

function InRoom({ id }: { id: string }) {
  return (
    <Suspense fallback={<Loading />}>
      <RoomPage kind="room" id={id} />
    </Suspense>
  );
}

interface SoonProps {
  name: PatientId;
  back?: string;
  /** The page has no bottom bar. */
  bare?: boolean;
  fill?: boolean;
  children: ReactNode;
}

/** The frame of a page whose code is on its way: as that of the page, so that nothing moves when it comes. */
function Soon({ name, back, bare = false, fill = false, children }: SoonProps) {
  const t = useT();
  const nav = useNav();
  const coming = (
    <PatientShell title={t(name)} fill={fill} {...(back && { back })} {...(!bare && { nav })}>
      <Loading />
    </PatientShell>
  );
  return <Suspense fallback={coming}>{children}</Suspense>;
}
