//! Who is at the other end.

#[cfg(target_os = "linux")]
use std::os::fd::FromRawFd;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
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
    told(socket, libc::getsockname)
}

/// The name of the socket at the other end.
pub fn name(socket: BorrowedFd) -> Result<Vec<u8>, Errno> {
    told(socket, libc::getpeername)
}

type Ask = unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32;

/// The name that one of the two calls for it tells.
fn told(socket: BorrowedFd, ask: Ask) -> Result<Vec<u8>, Errno> {
    // SAFETY: zero is a valid address, of no family.
    let mut name: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    let mut length = size_of_val(&name) as libc::socklen_t;
    // SAFETY: both out pointers are locals, and there is as much room as said.
    Errno::result(unsafe { ask(socket.as_raw_fd(), (&raw mut name).cast(), &raw mut length) })?;
    if i32::from(name.sun_family) != libc::AF_UNIX {
        return Err(Errno::EINVAL);
    }
    Ok(address::format(&name, length))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::sys::socket;
    use nix::sys::socket::SockType;
    use std::os::fd::AsFd;

    #[test]
    fn a_name_that_fills_all_the_room_is_told_whole() {
        let directory = format!("/tmp/fd-conduit-{}-", std::process::id());
        // SAFETY: zero is a valid address, of no family.
        let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
        address.sun_family = libc::AF_UNIX as _;
        address.sun_path.fill(b'x' as _);
        for (place, byte) in address.sun_path.iter_mut().zip(directory.bytes()) {
            *place = byte as _;
        }
        let path: Vec<u8> = address.sun_path.iter().map(|byte| *byte as u8).collect();
        let bound = socket::open(SockType::Datagram).unwrap();
        // SAFETY: the address is a local, of that length.
        let done = unsafe {
            let length = size_of_val(&address) as libc::socklen_t;
            libc::bind(bound.as_raw_fd(), (&raw const address).cast(), length)
        };
        assert_eq!(done, 0);
        let told = own_name(bound.as_fd());
        std::fs::remove_file(std::str::from_utf8(&path).unwrap()).unwrap();
        assert_eq!(told, Ok(path));
    }
}
