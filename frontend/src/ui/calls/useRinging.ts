import { useEffect } from "react";
import { useUi } from "../words";
import { alertPermission, showAlert } from "./alert";
import { startRinging } from "./ringtone";

const FLASH_MS = 1_000;

/** While it rings: sound, the tab's title in turn with its own, and, where the page is hidden, a notice. `title` names who; `alert` nobody. */
export function useRinging(title: string, alert: string): void {
  useEffect(() => startRinging("in"), []);
  useFlashingTitle(title);
  useAlert(alert);
}

/** What another part of the page makes of the title meanwhile is what it goes back to. */
function useFlashingTitle(title: string): void {
  useEffect(() => {
    let own = document.title;
    const flash = () => {
      if (document.title !== title) own = document.title;
      document.title = document.title === title ? own : title;
    };
    flash();
    const timer = setInterval(flash, FLASH_MS);
    return () => {
      clearInterval(timer);
      if (document.title === title) document.title = own;
    };
  }, [title]);
}

function useAlert(text: string): void {
  const product = useUi()("ui.product");
  useEffect(() => {
    let close = () => {};
    let over = false;
    const look = () => {
      close();
      close = () => {};
      if (!document.hidden || alertPermission() !== "granted") return;
      void showAlert(product, text, true).then((shut) => (over || !document.hidden ? shut() : (close = shut)), () => undefined);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      over = true;
      close();
      document.removeEventListener("visibilitychange", look);
    };
  }, [text, product]);
}
