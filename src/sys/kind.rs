//! What a descriptor is.

use std::os::fd::BorrowedFd;

use nix::errno::Errno;
use nix::sys::stat::{SFlag, fstat};

use super::option;

/// One word for what is behind a descriptor. On a hostile file system `fstat` may wait, so it is
/// asked for and never done in passing.
pub fn kind(descriptor: BorrowedFd) -> Result<&'static str, Errno> {
    let mode = SFlag::from_bits_truncate(fstat(descriptor)?.st_mode & SFlag::S_IFMT.bits());
    Ok(match mode {
        SFlag::S_IFREG => linked_kind(descriptor).unwrap_or("file"),
        SFlag::S_IFDIR => "directory",
        SFlag::S_IFIFO => "pipe",
        SFlag::S_IFCHR if is_terminal(descriptor) => "tty",
        SFlag::S_IFCHR => "character-device",
        SFlag::S_IFBLK => "block-device",
        SFlag::S_IFSOCK => socket_kind(descriptor)?,
        _ => linked_kind(descriptor).unwrap_or("unknown"),
    })
}

fn is_terminal(descriptor: BorrowedFd) -> bool {
    use std::io::IsTerminal;
    descriptor.is_terminal()
}

fn socket_kind(descriptor: BorrowedFd) -> Result<&'static str, Errno> {
    let number = |name| option::get_number(descriptor, libc::SOL_SOCKET, name);
    let listening = number(libc::SO_ACCEPTCONN)? != 0;
    Ok(match (domain(descriptor)?, number(libc::SO_TYPE)?) {
        (libc::AF_UNIX, _) if listening => "unix-server",
        (libc::AF_UNIX, libc::SOCK_STREAM) => "unix",
        (libc::AF_UNIX, libc::SOCK_SEQPACKET) => "unix-seqpacket",
        (libc::AF_UNIX, libc::SOCK_DGRAM) => "unix-dgram",
        (libc::AF_INET | libc::AF_INET6, libc::SOCK_STREAM) if listening => "tcp-server",
        (libc::AF_INET | libc::AF_INET6, libc::SOCK_STREAM) => "tcp",
        (libc::AF_INET | libc::AF_INET6, libc::SOCK_DGRAM) => "udp",
        _ => "socket",
    })
}

/// `AF_UNIX`, `AF_INET`, …
pub fn domain(descriptor: BorrowedFd) -> Result<i32, Errno> {
    use nix::sys::socket::{SockaddrLike, SockaddrStorage, getsockname};
    use std::os::fd::AsRawFd;
    let name = getsockname::<SockaddrStorage>(descriptor.as_raw_fd())?;
    Ok(name.family().map_or(libc::AF_UNSPEC, |family| family as i32))
}

/// Whether it is a socket of IPv6.
pub fn is_ipv6(descriptor: BorrowedFd) -> bool {
    domain(descriptor) == Ok(libc::AF_INET6)
}

/// What Linux calls a descriptor that has no other kind.
#[cfg(target_os = "linux")]
fn linked_kind(descriptor: BorrowedFd) -> Option<&'static str> {
    use std::os::fd::AsRawFd;
    let link = std::fs::read_link(format!("/proc/self/fd/{}", descriptor.as_raw_fd())).ok()?;
    let link = link.to_str()?;
    let found = [
        ("/memfd:", "memfd"),
        ("anon_inode:[pidfd]", "pidfd"),
        ("anon_inode:[eventfd]", "eventfd"),
        ("anon_inode:[eventpoll]", "epoll"),
        ("anon_inode:[timerfd]", "timerfd"),
        ("anon_inode:[signalfd]", "signalfd"),
        ("anon_inode:inotify", "inotify"),
        ("anon_inode:[io_uring]", "io-uring"),
        ("anon_inode:[userfaultfd]", "userfaultfd"),
        ("pidfd:", "pidfd"),
    ];
    found.iter().find(|(prefix, _)| link.starts_with(prefix)).map(|(_, kind)| *kind)
}

#[cfg(not(target_os = "linux"))]
fn linked_kind(_descriptor: BorrowedFd) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsFd;

    #[test]
    fn common_kinds_are_told_apart() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let (unix, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        let (pipe, _writer) = std::io::pipe().unwrap();
        for (descriptor, wanted) in [
            (listener.as_fd(), "tcp-server"),
            (client.as_fd(), "tcp"),
            (udp.as_fd(), "udp"),
            (unix.as_fd(), "unix"),
            (pipe.as_fd(), "pipe"),
            (File::open("/").unwrap().as_fd(), "directory"),
            (File::open("/dev/null").unwrap().as_fd(), "character-device"),
            (File::open("Cargo.toml").unwrap().as_fd(), "file"),
        ] {
            assert_eq!(kind(descriptor), Ok(wanted));
        }
    }
}
