import { Route, Switch } from "@ui/router";
import { Access } from "./Access";
import { ConversationPage } from "./ConversationPage";
import { Home } from "./Home";
import { Intake } from "./intake/Intake";
import { Submitted } from "./intake/Submitted";
import { Me } from "./Me";
import { Messages } from "./Messages";
import { NotFound } from "./NotFound";
import { RecordingPage } from "./RecordingPage";
import { RecordPage } from "./RecordPage";
import { SettingsPage } from "./SettingsPage";
import "./patient.css";

export { words } from "./words";

/** The patient's pages. Addresses are stable: a notification or a bookmark may hold one. */
export default function PatientSurface() {
  return (
    <Switch>
      <Route path="/" component={Home} />
      <Route path="/ask/sent/:client_id">{({ client_id }) => <Submitted key={client_id} client_id={client_id} />}</Route>
      <Route path="/ask/:step?">{({ step }) => <Intake step={step} />}</Route>
      <Route path="/messages" component={Messages} />
      <Route path="/consultations/:id">{({ id }) => <ConversationPage key={id} id={id} />}</Route>
      <Route path="/record" component={RecordPage} />
      <Route path="/record/recordings/:id">{({ id }) => <RecordingPage id={id} />}</Route>
      <Route path="/me" component={Me} />
      <Route path="/me/access" component={Access} />
      <Route path="/me/settings" component={SettingsPage} />
      <Route component={NotFound} />
    </Switch>
  );
}
