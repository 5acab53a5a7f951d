import { useStaff } from "../words";

/** What a speaker is called: the name that somebody gave, else what the machine knows. */
export function useSpeakerName(): (key: string, name: string | null) => string {
  const t = useStaff();
  return (key, name) => {
    if (name) return name;
    const channel = /^channel-(\d+)$/.exec(key)?.[1];
    if (channel) return t("st.speaker.channel", { number: channel });
    const person = /^person-(\d+)$/.exec(key)?.[1];
    return person ? t("st.speaker.person", { number: person }) : t("st.speaker.unknown");
  };
}
