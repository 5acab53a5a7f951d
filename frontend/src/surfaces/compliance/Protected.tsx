import { useEffect, useRef, type ReactNode } from "react";
import { toast } from "@ui/announce";
import { useSession } from "@ui/live";
import { useSettings } from "@ui/settings";
import { useNow } from "@ui/staff/useNow";
import { exactTime } from "./timeline";
import { useT } from "./words";

/** Content that may be read and not taken along: watermarked, not copied, not printed; and the page says so. */
export function Protected({ children }: { children: ReactNode }) {
  const t = useT();
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const area = ref.current;
    const refuse = (event: Event) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
      event.preventDefault();
      toast(t("c.protected.refused"));
    };
    const acts = ["copy", "cut", "contextmenu", "dragstart"] as const;
    for (const act of acts) area?.addEventListener(act, refuse);
    return () => {
      for (const act of acts) area?.removeEventListener(act, refuse);
    };
  }, [t]);
  return (
    <>
      <div ref={ref} className="c-protected">
        {children}
      </div>
      <p className="c-no-print">{t("c.protected.print")}</p>
      <Watermark />
    </>
  );
}

/** "周宁 2026-11-21 14:22", renewed each minute. */
export function useWatermark(): string {
  const { person } = useSession();
  const now = useNow(60_000);
  return `${person.name} ${exactTime(now).slice(0, 16)}`;
}

/** Name and time of the viewer over the whole window, on a canvas: there is no text to select or to take away piece by piece. */
function Watermark() {
  const text = useWatermark();
  const { theme } = useSettings();
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    if (!canvas) return;
    const redraw = () => draw(canvas, text);
    redraw();
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    window.addEventListener("resize", redraw);
    dark.addEventListener("change", redraw);
    return () => {
      window.removeEventListener("resize", redraw);
      dark.removeEventListener("change", redraw);
    };
  }, [text, theme]);
  return <canvas ref={ref} className="c-watermark" aria-hidden="true" data-testid="c.watermark" data-text={text} />;
}

const STEP = { x: 300, y: 170 };
const ANGLE = -0.35;

function draw(canvas: HTMLCanvasElement, text: string): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const scale = window.devicePixelRatio;
  const { innerWidth: width, innerHeight: height } = window;
  [canvas.width, canvas.height] = [width * scale, height * scale];
  const style = getComputedStyle(canvas);
  pen.scale(scale, scale);
  pen.font = `15px ${style.fontFamily}`;
  pen.fillStyle = style.color;
  pen.globalAlpha = 0.07;
  pen.rotate(ANGLE);
  for (let y = 0; y < height + width; y += STEP.y) {
    for (let x = -height; x < width + height; x += STEP.x) pen.fillText(text, x + (y / STEP.y) * 90, y);
  }
}
