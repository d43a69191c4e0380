/** One byte goes with descriptors, as a stream drops what comes without; its value says nothing. */
export const FILLER = new Uint8Array(1);

/** Where the peer's byte is read to; nobody looks at it. */
export const FILLER_READ = new Uint8Array(1);
