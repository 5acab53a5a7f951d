/** How sharp a picture is: the variance of its Laplacian, tile by tile (Pech-Pacheco et al., "Diatom autofocusing in brightfield
 * microscopy", 2000). A page on an empty table is sharp where its words are: the sharpest tiles decide. */

/** Pixels of the longer side that is looked at: enough to see words, few enough for an old telephone. */
export const LOOKED_AT = 1024;
const TILES = 8;
/** So many of the sharpest tiles must be sharp; one alone may be dust on the lens. */
const DECIDING = 3;
/** Below it small print on a whole page is not readable; found with printed pages, displays and skin, blurred step by step. */
const LEAST = 55;

/** `pixels`: RGBA, as a canvas gives them. */
export function isBlurred(pixels: Uint8ClampedArray, width: number, height: number): boolean {
  return sharpness(pixels, width, height) < LEAST;
}

/** The variance in the DECIDING-th sharpest tile; 0 for a picture too small to say. */
export function sharpness(pixels: Uint8ClampedArray, width: number, height: number): number {
  const grey = greyOf(pixels);
  const [across, down] = [Math.floor(width / TILES), Math.floor(height / TILES)];
  if (across < 8 || down < 8) return 0;
  const tiles: number[] = [];
  for (let y = 0; y < TILES; y++) for (let x = 0; x < TILES; x++) tiles.push(variance(grey, width, x * across, y * down, across, down));
  return tiles.sort((a, b) => b - a)[DECIDING - 1] ?? 0;
}

/** Luma of ITU-R BT.601. */
function greyOf(pixels: Uint8ClampedArray): Float32Array {
  const grey = new Float32Array(pixels.length / 4);
  for (let i = 0; i < grey.length; i++) grey[i] = 0.299 * (pixels[4 * i] ?? 0) + 0.587 * (pixels[4 * i + 1] ?? 0) + 0.114 * (pixels[4 * i + 2] ?? 0);
  return grey;
}

function variance(grey: Float32Array, stride: number, left: number, top: number, across: number, down: number): number {
  let [sum, squares, count] = [0, 0, 0];
  for (let y = top + 1; y < top + down - 1; y++) {
    for (let x = left + 1; x < left + across - 1; x++) {
      const at = y * stride + x;
      const edge = 4 * (grey[at] ?? 0) - (grey[at - 1] ?? 0) - (grey[at + 1] ?? 0) - (grey[at - stride] ?? 0) - (grey[at + stride] ?? 0);
      sum += edge;
      squares += edge * edge;
      count++;
    }
  }
  const mean = sum / count;
  return squares / count - mean * mean;
}
