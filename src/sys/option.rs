//! Socket options, by level and name.

use std::os::fd::{AsRawFd, BorrowedFd};

use nix::errno::Errno;

/// `getsockopt` into `value`; answers how much of it was filled.
pub fn get(socket: BorrowedFd, level: i32, name: i32, value: &mut [u8]) -> Result<usize, Errno> {
    let unit = unit(level, name);
    if unit > 1 && value.len() < unit {
        // For no room at all it would answer how much it needs, as if that had been filled.
        return Err(Errno::EINVAL);
    }
    let mut length = libc::socklen_t::try_from(value.len() / unit).map_err(|_| Errno::EINVAL)?;
    // SAFETY: the pointer and the length, in what the option counts in, are those of `value`,
    // which is borrowed for writing.
    Errno::result(unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            level,
            name,
            value.as_mut_ptr().cast(),
            &raw mut length,
        )
    })?;
    Ok(length as usize * unit)
}

/// How many bytes the kernel writes for each one of the length. Linux counts the socket's filter,
/// which whoever had it before may have attached, in instructions.
#[cfg(target_os = "linux")]
fn unit(level: i32, name: i32) -> usize {
    if (level, name) == (libc::SOL_SOCKET, libc::SO_GET_FILTER) {
        size_of::<libc::sock_filter>()
    } else {
        1
    }
}

#[cfg(not(target_os = "linux"))]
fn unit(_level: i32, _name: i32) -> usize {
    1
}

/// `setsockopt` to `value`.
pub fn set(socket: BorrowedFd, level: i32, name: i32, value: &[u8]) -> Result<(), Errno> {
    let length = libc::socklen_t::try_from(value.len()).map_err(|_| Errno::EINVAL)?;
    // SAFETY: the pointer and the length are those of `value`.
    Errno::result(unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, name, value.as_ptr().cast(), length)
    })
    .map(drop)
}

/// An option that is one number.
pub fn get_number(socket: BorrowedFd, level: i32, name: i32) -> Result<i32, Errno> {
    let mut bytes = [0; size_of::<i32>()];
    get(socket, level, name, &mut bytes)?;
    Ok(i32::from_ne_bytes(bytes))
}

/// Sets an option that is one number.
pub fn set_number(socket: BorrowedFd, level: i32, name: i32, value: i32) -> Result<(), Errno> {
    set(socket, level, name, &value.to_ne_bytes())
}

/// The usual constants, as this system counts them.
pub const CONSTANTS: &[(&str, i32)] = &[
    ("SOL_SOCKET", libc::SOL_SOCKET),
    ("SO_ACCEPTCONN", libc::SO_ACCEPTCONN),
    ("SO_ERROR", libc::SO_ERROR),
    ("SO_RCVBUF", libc::SO_RCVBUF),
    ("SO_RCVLOWAT", libc::SO_RCVLOWAT),
    ("SO_RCVTIMEO", libc::SO_RCVTIMEO),
    ("SO_SNDBUF", libc::SO_SNDBUF),
    ("SO_SNDTIMEO", libc::SO_SNDTIMEO),
    ("SO_TIMESTAMP", libc::SO_TIMESTAMP),
    ("SO_TYPE", libc::SO_TYPE),
    #[cfg(target_os = "linux")]
    ("SO_DOMAIN", libc::SO_DOMAIN),
    #[cfg(target_os = "linux")]
    ("SO_PASSCRED", libc::SO_PASSCRED),
    #[cfg(target_os = "linux")]
    ("SO_PASSPIDFD", linux::SO_PASSPIDFD),
    #[cfg(target_os = "linux")]
    ("SO_PASSRIGHTS", linux::SO_PASSRIGHTS),
    #[cfg(target_os = "linux")]
    ("SO_PASSSEC", libc::SO_PASSSEC),
    #[cfg(target_os = "linux")]
    ("SO_PEEK_OFF", libc::SO_PEEK_OFF),
    #[cfg(target_os = "linux")]
    ("SO_PEERCRED", libc::SO_PEERCRED),
    #[cfg(target_os = "linux")]
    ("SO_PEERPIDFD", linux::SO_PEERPIDFD),
    #[cfg(target_os = "linux")]
    ("SO_PEERSEC", libc::SO_PEERSEC),
    #[cfg(target_os = "linux")]
    ("SO_PROTOCOL", libc::SO_PROTOCOL),
    #[cfg(target_os = "linux")]
    ("SO_RCVBUFFORCE", libc::SO_RCVBUFFORCE),
    #[cfg(target_os = "linux")]
    ("SO_SNDBUFFORCE", libc::SO_SNDBUFFORCE),
    #[cfg(not(target_os = "linux"))]
    ("LOCAL_PEERCRED", libc::LOCAL_PEERCRED),
    #[cfg(not(target_os = "linux"))]
    ("SO_NOSIGPIPE", libc::SO_NOSIGPIPE),
];

/// Options that are younger than the headers of some C libraries.
#[cfg(target_os = "linux")]
pub mod linux {
    /// Every receive brings a pidfd of its sender (6.5).
    pub const SO_PASSPIDFD: i32 = 76;
    /// A pidfd of the peer (6.5).
    pub const SO_PEERPIDFD: i32 = 77;
    /// Whether descriptors are accepted at all (6.16).
    pub const SO_PASSRIGHTS: i32 = 83;
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn a_filter_is_read_into_the_room_there_is() {
        let (socket, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut filter = [libc::sock_filter { code: 6, jt: 0, jf: 0, k: u32::MAX }; 8];
        let program = libc::sock_fprog { len: 8, filter: filter.as_mut_ptr() };
        // SAFETY: a sock_fprog is plain data of that size.
        let bytes = unsafe {
            std::slice::from_raw_parts((&raw const program).cast(), size_of_val(&program))
        };
        set(socket.as_fd(), libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, bytes).unwrap();
        let mut room = [0; 128];
        let (value, beyond) = room.split_at_mut(56);
        let asked =
            |value: &mut [u8]| get(socket.as_fd(), libc::SOL_SOCKET, libc::SO_GET_FILTER, value);
        assert_eq!(asked(value), Err(Errno::EINVAL));
        assert_eq!(asked(&mut value[..4]), Err(Errno::EINVAL));
        assert!(beyond.iter().all(|byte| *byte == 0));
        assert_eq!(asked(&mut room), Ok(64));
    }
}
