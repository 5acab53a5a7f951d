import type { ChosenFile } from "../talk/files";
import { isBlurred, LOOKED_AT } from "./sharpness";

/** Bounds of the server; checked here first, so that nobody waits for a refusal. */
export const MAX_BYTES = 20 * 1024 * 1024;
export const MOST = 9;
/** Pixels of the longer side that goes up. */
const LONGEST = 2560;
const QUALITY = 0.88;
const PDF = "application/pdf";

export type Problem = "type" | "large" | "damaged";

export class Unusable extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem);
    this.problem = problem;
  }
}

export interface Prepared {
  file: ChosenFile;
  /** Too blurred to read: the person is asked. */
  blurred: boolean;
}

/** Makes a file ready to go up. A photo is drawn anew, at most LONGEST pixels long: its position and everything else that the
 * camera wrote into it stays on this device. Rejects with Unusable. */
export async function prepare(file: File): Promise<Prepared> {
  if (await isPdf(file)) {
    if (file.size > MAX_BYTES) throw new Unusable("large");
    return { file: chosen(new Blob([file], { type: PDF }), file.name), blurred: false };
  }
  if (!file.type.startsWith("image/") || file.type.startsWith("image/svg")) throw new Unusable("type");
  const picture = await decoded(file);
  const blob = await jpegOf(drawn(picture, LONGEST));
  const small = drawn(picture, LOOKED_AT);
  const { data, width, height } = contextOf(small).getImageData(0, 0, small.width, small.height);
  return { file: chosen(blob, file.name.replace(/\.\w{1,5}$/, "") + ".jpg"), blurred: isBlurred(data, width, height) };
}

function chosen(blob: Blob, name: string): ChosenFile {
  return { field: "attachments", blob, name, meta: {} };
}

async function isPdf(file: File): Promise<boolean> {
  return (await file.slice(0, 5).text()) === "%PDF-";
}

/** The picture as this browser understands it, upright. */
async function decoded(file: File): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file);
  const picture = new Image();
  picture.src = url;
  try {
    await picture.decode();
    return picture;
  } catch {
    throw new Unusable("damaged");
  } finally {
    URL.revokeObjectURL(url);
  }
}

function drawn(picture: HTMLImageElement, longest: number): HTMLCanvasElement {
  const { naturalWidth, naturalHeight } = picture;
  const scale = Math.min(1, longest / Math.max(naturalWidth, naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(naturalHeight * scale));
  const context = contextOf(canvas);
  context.fillStyle = "white"; // under what is transparent
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Unusable("damaged");
  return context;
}

function jpegOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Unusable("damaged"))), "image/jpeg", QUALITY));
}
