//! Unix sockets: making, naming, connecting and accepting them. All are close-on-exec, and none
//! of these calls waits.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{self, AddressFamily, Backlog, Shutdown, SockFlag, SockType};

use super::address;
#[cfg(target_vendor = "apple")]
use super::fd;
use super::message::Framing;
use super::{kind, option};

/// The types of `socket(2)` that Unix sockets have.
pub fn kind(number: i32) -> Result<SockType, Errno> {
    match number {
        libc::SOCK_STREAM => Ok(SockType::Stream),
        libc::SOCK_DGRAM => Ok(SockType::Datagram),
        libc::SOCK_SEQPACKET if !cfg!(target_vendor = "apple") => Ok(SockType::SeqPacket),
        libc::SOCK_SEQPACKET => Err(Errno::EPROTONOSUPPORT),
        _ => Err(Errno::EINVAL),
    }
}

/// An unconnected socket, non-blocking.
pub fn open(kind: SockType) -> Result<OwnedFd, Errno> {
    let made = socket::socket(AddressFamily::Unix, kind, FLAGS, None)?;
    prepare(&made)?;
    Ok(made)
}

/// Two connected sockets, non-blocking.
pub fn pair(kind: SockType) -> Result<(OwnedFd, OwnedFd), Errno> {
    let (one, other) = socket::socketpair(AddressFamily::Unix, kind, None, FLAGS)?;
    prepare(&one)?;
    prepare(&other)?;
    Ok((one, other))
}

/// Binds to an address in the form of `address`.
pub fn bind(socket: BorrowedFd, address: &[u8]) -> Result<(), Errno> {
    socket::bind(socket.as_raw_fd(), &address::parse(address)?)
}

/// Starts a connection; on a Unix socket it is made at once or not at all.
pub fn connect(socket: BorrowedFd, address: &[u8]) -> Result<(), Errno> {
    socket::connect(socket.as_raw_fd(), &address::parse(address)?)
}

/// Lets others connect.
pub fn listen(socket: BorrowedFd, backlog: i32) -> Result<(), Errno> {
    // Above the system's own limit every kernel cuts silently, nix refuses.
    let most = i32::from(Backlog::MAXCONN);
    socket::listen(&socket, Backlog::new(backlog.clamp(0, most))?)
}

/// Whether it accepts connections.
pub fn is_listening(socket: BorrowedFd) -> Result<bool, Errno> {
    socket::getsockopt(&socket, socket::sockopt::AcceptConn)
}

/// Whether a socket of a byte stream, of any family, accepts connections; an errno where it is
/// none.
pub fn is_stream_server(socket: BorrowedFd) -> Result<bool, Errno> {
    match option::get_number(socket, libc::SOL_SOCKET, libc::SO_TYPE)? {
        libc::SOCK_STREAM => is_listening(socket),
        _ => Err(Errno::EPROTOTYPE),
    }
}

/// Takes one connection off the queue.
pub fn accept(listener: BorrowedFd) -> Result<OwnedFd, Errno> {
    loop {
        match accept_once(listener.as_raw_fd()) {
            Err(Errno::EINTR) => {}
            outcome => {
                // SAFETY: the kernel has just made this number for us.
                let accepted = unsafe { OwnedFd::from_raw_fd(outcome?) };
                prepare(&accepted)?;
                return Ok(accepted);
            }
        }
    }
}

/// How a Unix socket frames its messages; ENOTSOCK or EAFNOSUPPORT where it is none.
pub fn framing(socket: BorrowedFd) -> Result<Framing, Errno> {
    if kind::domain(socket)? != libc::AF_UNIX {
        return Err(Errno::EAFNOSUPPORT);
    }
    match option::get_number(socket, libc::SOL_SOCKET, libc::SO_TYPE)? {
        libc::SOCK_STREAM => Ok(Framing::Stream),
        libc::SOCK_SEQPACKET => Ok(Framing::Packet),
        _ => Ok(Framing::Datagram),
    }
}

/// Makes an empty packet bring a control message, which the end of a connection does not: the
/// only thing that tells the two apart. The timestamp is the cheapest; it has no other effect.
/// Answers whether it was not so before.
pub fn mark_packets(socket: BorrowedFd) -> Result<bool, Errno> {
    if option::get_number(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMP)? != 0 {
        return Ok(false);
    }
    option::set_number(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMP, 1).map(|()| true)
}

/// Takes the mark off again, for whoever gets the socket.
pub fn unmark_packets(socket: BorrowedFd) -> Result<(), Errno> {
    option::set_number(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMP, 0)
}

/// Waits until the socket can be tried again, at most so long. Only for synchronous calls.
pub fn wait(socket: BorrowedFd, readable: bool, timeout_ms: i32) -> Result<bool, Errno> {
    let events = if readable { libc::POLLIN } else { libc::POLLOUT };
    let mut polled = libc::pollfd { fd: socket.as_raw_fd(), events, revents: 0 };
    // SAFETY: one pollfd, ours.
    match Errno::result(unsafe { libc::poll(&raw mut polled, 1, timeout_ms) }) {
        // Whoever waits looks at the clock and comes again.
        Err(Errno::EINTR) => Ok(true),
        outcome => outcome.map(|ready| ready > 0),
    }
}

/// Ends one direction of a connection, or both.
pub fn shutdown(socket: BorrowedFd, how: i32) -> Result<(), Errno> {
    let how = match how {
        libc::SHUT_RD => Shutdown::Read,
        libc::SHUT_WR => Shutdown::Write,
        libc::SHUT_RDWR => Shutdown::Both,
        _ => return Err(Errno::EINVAL),
    };
    socket::shutdown(socket.as_raw_fd(), how)
}

#[cfg(not(target_vendor = "apple"))]
const FLAGS: SockFlag = SockFlag::SOCK_CLOEXEC.union(SockFlag::SOCK_NONBLOCK);
#[cfg(target_vendor = "apple")]
const FLAGS: SockFlag = SockFlag::empty();

#[cfg(not(target_vendor = "apple"))]
fn accept_once(listener: i32) -> Result<i32, Errno> {
    socket::accept4(listener, FLAGS)
}

#[cfg(target_vendor = "apple")]
fn accept_once(listener: i32) -> Result<i32, Errno> {
    socket::accept(listener)
}

#[cfg(not(target_vendor = "apple"))]
#[allow(clippy::unnecessary_wraps, reason = "the other systems' can fail")]
fn prepare(_made: &OwnedFd) -> Result<(), Errno> {
    Ok(())
}

/// What the flags of Linux and the BSDs do in the call itself, one by one.
#[cfg(target_vendor = "apple")]
fn prepare(made: &OwnedFd) -> Result<(), Errno> {
    use std::os::fd::AsFd;
    fd::set_close_on_exec(made);
    fd::set_non_blocking(made.as_fd())?;
    option::set_number(made.as_fd(), libc::SOL_SOCKET, libc::SO_NOSIGPIPE, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn an_abstract_name_may_hold_zero_bytes() {
        let name = format!("\0fd-conduit\0{}", std::process::id());
        let listener = open(SockType::Stream).unwrap();
        bind(listener.as_fd(), name.as_bytes()).unwrap();
        listen(listener.as_fd(), 1).unwrap();
        assert_eq!(accept(listener.as_fd()).err(), Some(Errno::EAGAIN));
        let client = open(SockType::Stream).unwrap();
        connect(client.as_fd(), name.as_bytes()).unwrap();
        assert!(accept(listener.as_fd()).is_ok());
    }

    #[test]
    fn a_path_that_does_not_fit_is_refused() {
        let socket = open(SockType::Stream).unwrap();
        assert_eq!(bind(socket.as_fd(), &[b'x'; 108]), Err(Errno::ENAMETOOLONG));
    }

    #[test]
    fn an_unknown_type_is_refused() {
        assert_eq!(kind(77).err(), Some(Errno::EINVAL));
    }
}
