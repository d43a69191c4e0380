/** Stops this thread for so long, its event loop too. */
export function pauseThread(timeMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeMs);
}
