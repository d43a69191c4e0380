//! Names of Unix sockets, in the form that JavaScript writes and reads them: the bytes of a
//! path, a NUL byte and an abstract name, or nothing for an unnamed socket.

use std::mem::offset_of;

use nix::errno::Errno;
use nix::sys::socket::UnixAddr;

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

/// The name that the system told, with the length it told.
///
/// nix believes that length, and panics where an unnamed sender leaves nothing at all. But a path
/// that fills all the room is told as one longer than that, for the zero byte that did not fit.
pub fn format(address: &libc::sockaddr_un, length: libc::socklen_t) -> Vec<u8> {
    let told = (length as usize).saturating_sub(offset_of!(libc::sockaddr_un, sun_path));
    let name: Vec<u8> = address.sun_path.iter().take(told).map(|byte| *byte as u8).collect();
    if cfg!(any(target_os = "linux", target_os = "android")) && name.first() == Some(&0) {
        return name;
    }
    name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::socket::SockaddrLike;

    fn both_ways(name: &[u8]) -> Vec<u8> {
        let address = parse(name).unwrap();
        format(address.as_ref(), address.len())
    }

    #[test]
    fn every_kind_of_name_survives_both_ways() {
        let names: [&[u8]; 3] = [b"/tmp/a", b"relative", b"/tmp/\xff\xfe"];
        for name in names {
            assert_eq!(both_ways(name), name);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_name_and_an_abstract_name_with_its_zero_bytes_survive_too() {
        for name in [&b""[..], b"\0a\0b\0", &[0; 5]] {
            assert_eq!(both_ways(name), name);
        }
    }

    #[test]
    fn a_path_that_does_not_fit_or_holds_a_zero_byte_is_refused() {
        assert_eq!(parse(&[b'x'; 120]).err(), Some(Errno::ENAMETOOLONG));
        assert!(parse(b"a\0b").is_err());
    }

    #[test]
    fn a_path_that_fills_all_the_room_ends_with_it() {
        // SAFETY: zero is a valid address, of no family.
        let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
        address.sun_path.fill(b'x' as _);
        let path = vec![b'x'; address.sun_path.len()];
        for beyond in 0..3 {
            assert_eq!(format(&address, (size_of_val(&address) + beyond) as _), path);
        }
    }

    #[test]
    fn a_sender_without_a_name_may_leave_not_even_a_family() {
        // SAFETY: as above.
        let address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
        for length in 0..3 {
            assert_eq!(format(&address, length), b"");
        }
    }
}
