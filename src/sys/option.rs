//! Socket options, by level and name.

use std::os::fd::{AsRawFd, BorrowedFd};

use nix::errno::Errno;

/// `getsockopt` into `value`; answers how much of it was filled.
pub fn get(socket: BorrowedFd, level: i32, name: i32, value: &mut [u8]) -> Result<usize, Errno> {
    let mut length = libc::socklen_t::try_from(value.len()).map_err(|_| Errno::EINVAL)?;
    // SAFETY: the pointer and the length are those of `value`, which is borrowed for writing.
    Errno::result(unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            level,
            name,
            value.as_mut_ptr().cast(),
            &raw mut length,
        )
    })?;
    Ok(length as usize)
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
