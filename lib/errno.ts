// This system's error numbers, negative as Node and the native side count. Written out, as those of
// `node:os` cost a program's start more than everything else that the package loads of Node's.
const isLinux = process.platform === 'linux';

export const EADDRINUSE = isLinux ? -98 : -48;
export const EAFNOSUPPORT = isLinux ? -97 : -47;
export const EAGAIN = isLinux ? -11 : -35;
export const EBUSY = -16;
export const ECONNREFUSED = isLinux ? -111 : -61;
export const EFAULT = -14;
export const EINVAL = -22;
export const EIO = -5;
export const ENOENT = -2;
export const EPIPE = -32;
export const EPROTOTYPE = isLinux ? -91 : -41;
export const ETOOMANYREFS = isLinux ? -109 : -59;
