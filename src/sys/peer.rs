//! Who is at the other end.

#[cfg(target_os = "linux")]
use std::os::fd::FromRawFd;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{self, UnixAddr};
#[cfg(not(target_os = "linux"))]
use nix::sys::socket::{getsockopt, sockopt};

use super::address;
#[cfg(target_os = "linux")]
use super::option;

/// A process and the user and group it ran as. Where a system does not tell the process, 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Process id.
    pub pid: i32,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// The credentials of the peer when it connected.
#[cfg(target_os = "linux")]
pub fn credentials(socket: BorrowedFd) -> Result<Credentials, Errno> {
    use nix::sys::socket::{getsockopt, sockopt};
    let peer = getsockopt(&socket, sockopt::PeerCredentials)?;
    Ok(Credentials { pid: peer.pid(), uid: peer.uid(), gid: peer.gid() })
}

/// The credentials of the peer when it connected.
#[cfg(target_vendor = "apple")]
pub fn credentials(socket: BorrowedFd) -> Result<Credentials, Errno> {
    let peer = getsockopt(&socket, sockopt::LocalPeerCred)?;
    let pid = getsockopt(&socket, sockopt::LocalPeerPid)?;
    Ok(Credentials { pid, uid: peer.uid(), gid: peer.groups().first().copied().unwrap_or(0) })
}

/// The credentials of the peer when it connected.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub fn credentials(socket: BorrowedFd) -> Result<Credentials, Errno> {
    let peer = getsockopt(&socket, sockopt::LocalPeerCred)?;
    Ok(Credentials { pid: 0, uid: peer.uid(), gid: peer.groups().first().copied().unwrap_or(0) })
}

/// A pidfd of the peer, close-on-exec.
#[cfg(target_os = "linux")]
pub fn pidfd(socket: BorrowedFd) -> Result<OwnedFd, Errno> {
    let number = option::get_number(socket, libc::SOL_SOCKET, option::linux::SO_PEERPIDFD)?;
    // SAFETY: the kernel has just made this number for us.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// A pidfd of the peer: Linux only.
#[cfg(not(target_os = "linux"))]
pub fn pidfd(_socket: BorrowedFd) -> Result<OwnedFd, Errno> {
    Err(Errno::ENOPROTOOPT)
}

/// The name of the socket itself.
pub fn own_name(socket: BorrowedFd) -> Result<Vec<u8>, Errno> {
    socket::getsockname::<UnixAddr>(socket.as_raw_fd()).map(|name| address::format(&name))
}

/// The name of the socket at the other end.
pub fn name(socket: BorrowedFd) -> Result<Vec<u8>, Errno> {
    socket::getpeername::<UnixAddr>(socket.as_raw_fd()).map(|name| address::format(&name))
}
