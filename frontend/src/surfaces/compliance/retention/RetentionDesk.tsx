import { Tabs } from "@ui/staff/Tabs";
import { Page } from "../Page";
import { useT } from "../words";
import { Erasures } from "./Erasures";
import { Holds } from "./Holds";
import { Preview } from "./Preview";
import { Rules } from "./Rules";
import "./retention.css";

/** C-9: what may not be destroyed, what patients want destroyed, for how long things are kept, and what is due. */
export function RetentionDesk() {
  const t = useT();
  return (
    <Page title={t("c.keep.title")}>
      <Tabs
        label={t("c.keep.title")}
        tabs={[
          { id: "holds", label: t("c.keep.holds"), content: <Holds />, testid: "c.keep.holds" },
          { id: "requests", label: t("c.keep.requests"), content: <Erasures />, testid: "c.keep.requests" },
          { id: "rules", label: t("c.keep.rules"), content: <Rules />, testid: "c.keep.rules" },
          { id: "preview", label: t("c.keep.preview"), content: <Preview />, testid: "c.keep.preview" },
        ]}
      />
    </Page>
  );
}
