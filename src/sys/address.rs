//! Names of Unix sockets, in the form that JavaScript writes and reads them: the bytes of a
//! path, a NUL byte and an abstract name, or nothing for an unnamed socket.

use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;
use nix::sys::socket::{SockaddrLike, UnixAddr};

/// The system's form of a name.
pub fn parse(name: &[u8]) -> Result<UnixAddr, Errno> {
    match name {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        [] => Ok(UnixAddr::new_unnamed()),
        #[cfg(any(target_os = "linux", target_os = "android"))]
        [0, name @ ..] => UnixAddr::new_abstract(name),
        // No name and abstract names are Linux's: elsewhere an empty address binds to nothing.
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        [] | [0, ..] => Err(Errno::EINVAL),
        path => UnixAddr::new(path),
    }
}

/// The name that the system told.
pub fn format(address: &UnixAddr) -> Vec<u8> {
    // An unnamed sender leaves nothing at all, not even a family; nix panics on that.
    if (address.len() as usize) < std::mem::offset_of!(libc::sockaddr_un, sun_path) {
        return Vec::new();
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(name) = address.as_abstract() {
        return [&[0], name].concat();
    }
    address.path().map(|path| path.as_os_str().as_bytes().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_name_survives_both_ways() {
        let names: [&[u8]; 3] = [b"/tmp/a", b"relative", b"/tmp/\xff\xfe"];
        for name in names {
            assert_eq!(format(&parse(name).unwrap()), name);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_name_and_an_abstract_name_with_its_zero_bytes_survive_too() {
        for name in [&b""[..], b"\0a\0b\0", &[0; 5]] {
            assert_eq!(format(&parse(name).unwrap()), name);
        }
    }

    #[test]
    fn a_path_that_does_not_fit_or_holds_a_zero_byte_is_refused() {
        assert_eq!(parse(&[b'x'; 120]).err(), Some(Errno::ENAMETOOLONG));
        assert!(parse(b"a\0b").is_err());
    }
}
