import { languageOf } from "../names";
import { useLocale } from "../settings";
import { fullName } from "../names";
import { useUi } from "../words";
import { useTalk, type Quoted } from "./context";
import { useTalkWords } from "./words";

/** The message that was answered, in two lines; a tap goes to it. */
export function Quote({ seq }: { seq: number }) {
  const t = useTalkWords();
  const talk = useTalk();
  if (!talk) return null;
  const quoted = talk.quoted(seq);
  return (
    <button type="button" className="x-quote" tabIndex={-1} title={t("tk.quote.jump")} onClick={() => talk.jump(seq)} data-testid="x.msg.quote">
      <QuoteLines quoted={quoted} />
    </button>
  );
}

export function QuoteLines({ quoted }: { quoted: Quoted }) {
  const t = useTalkWords();
  const ui = useUi();
  const locale = useLocale();
  const { author, own, text, state } = quoted;
  const words = state === "retracted" ? t("tk.quote.retracted") : state === "older" ? t("tk.quote.older") : text || t("tk.quote.media");
  const who = own ? ui("ui.you") : author ? fullName(author, locale) : ui("ui.someone");
  return (
    <>
      {state !== "older" && <strong>{who}</strong>}
      <span className="x-quote-words" lang={text ? languageOf(text) : undefined}>
        {words}
      </span>
    </>
  );
}
