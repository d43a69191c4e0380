//! Names of sockets, as JavaScript and as a system may tell them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nix::sys::socket::SockaddrLike;

#[allow(dead_code)]
#[path = "../../src/sys/address.rs"]
mod address;

/// An address whose bytes and length the system chose: the length may be beyond the bytes.
fn told(bytes: &[u8]) -> Option<(libc::sockaddr_un, libc::socklen_t)> {
    // SAFETY: zero is a valid sockaddr_un.
    let mut raw: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    raw.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let (length, path) = bytes.split_first()?;
    for (to, from) in raw.sun_path.iter_mut().zip(path) {
        *to = *from as libc::c_char;
    }
    Some((raw, libc::socklen_t::from(*length)))
}

fuzz_target!(|data: &[u8]| {
    if let Ok(parsed) = address::parse(data) {
        let name = address::format(parsed.as_ref(), parsed.len());
        assert_eq!(name, data, "a name survives both ways");
    }
    if let Some((raw, length)) = told(data) {
        let name = address::format(&raw, length);
        assert!(name.len() <= raw.sun_path.len());
        assert!(name.iter().zip(&raw.sun_path).all(|(one, other)| *one == *other as u8));
    }
});
