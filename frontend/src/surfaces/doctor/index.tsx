import { Suspense } from "react";
import { later } from "@ui/later";
import { Redirect, Route, Switch } from "@ui/router";
import { Loading } from "@ui/states";
import { QueuePage } from "./queue/QueuePage";
import { BroadcastPage } from "./broadcasts/BroadcastPage";
import { BroadcastsPage } from "./broadcasts/BroadcastsPage";
import { ComposePage } from "./broadcasts/ComposePage";
import { FollowUpsPage } from "./followups/FollowUpsPage";
import { RecordPage } from "./followups/RecordPage";
import { PrintPage } from "./review/PrintPage";
import { ReviewPage } from "./review/ReviewPage";
import { PatientPage } from "./patients/PatientPage";
import { PatientsPage } from "./patients/PatientsPage";
import { SearchPage } from "./SearchPage";
import { SettingsPage } from "./SettingsPage";
import { DiscussionsPage } from "./side/DiscussionsPage";

export { words } from "./words";

const RoomPage = later(() => import("@ui/rooms/RoomPage"));

/** The workbench of doctors and nurses. */
export default function DoctorSurface() {
  return (
    <Switch>
      <Route path="/">
        <QueuePage open={null} />
      </Route>
      <Route path="/c/:id">{({ id }) => <QueuePage open={id} />}</Route>
      <Route path="/sides">
        <DiscussionsPage open={null} />
      </Route>
      <Route path="/sides/:id">{({ id }) => <DiscussionsPage open={id} />}</Route>
      <Route path="/room/:id">{({ id }) => <InRoom kind="room" id={id} />}</Route>
      <Route path="/room/new/:id">{({ id }) => <InRoom kind="thread" id={id} />}</Route>
      <Route path="/search">
        <SearchPage />
      </Route>
      <Route path="/followups">
        <FollowUpsPage />
      </Route>
      <Route path="/followups/:id">{({ id }) => <RecordPage id={id} />}</Route>
      <Route path="/recordings/:id/print">{({ id }) => <PrintPage id={id} />}</Route>
      <Route path="/recordings/:id">{({ id }) => <ReviewPage id={id} />}</Route>
      <Route path="/patients">
        <PatientsPage />
      </Route>
      <Route path="/patients/:id">{({ id }) => <PatientPage id={id} />}</Route>
      <Route path="/broadcasts">
        <BroadcastsPage />
      </Route>
      <Route path="/broadcasts/new">
        <ComposePage />
      </Route>
      <Route path="/broadcasts/:id">{({ id }) => <BroadcastPage id={id} />}</Route>
      <Route path="/settings">
        <SettingsPage />
      </Route>
      <Route>
        <Redirect to="/" replace />
      </Route>
    </Switch>
  );
}

function InRoom({ kind, id }: { kind: "room" | "thread"; id: string }) {
  return (
    <Suspense fallback={<Loading />}>
      <RoomPage key={id} kind={kind} id={id} />
    </Suspense>
  );
}
