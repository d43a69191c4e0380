//! Names of sockets, as JavaScript and as a system may tell them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix::sys::socket::{SockaddrLike, UnixAddr};

#[allow(dead_code)]
#[path = "../../src/sys/address.rs"]
mod address;

/// An address whose bytes and length the system chose.
fn told(bytes: &[u8]) -> Option<UnixAddr> {
    // SAFETY: zero is a valid sockaddr_un.
    let mut raw: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    raw.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let (length, path) = bytes.split_first()?;
    for (to, from) in raw.sun_path.iter_mut().zip(path) {
        *to = *from as libc::c_char;
    }
    let length = u32::from(*length).min(size_of::<libc::sockaddr_un>() as u32);
    // SAFETY: the pointer is to a whole sockaddr_un, and the length is within it.
    unsafe { UnixAddr::from_raw((&raw const raw).cast(), Some(length)) }
}

fuzz_target!(|data: &[u8]| {
    if let Ok(parsed) = address::parse(data) {
        assert_eq!(address::format(&parsed), data, "a name survives both ways");
    }
    if let Some(told) = told(data) {
        let name = address::format(&told);
        assert!(name.len() <= size_of::<libc::sockaddr_un>());
    }
});
