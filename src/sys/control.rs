//! The control buffer: room for the most that can arrive, and our own way in and out of it.
//!
//! nix would allocate for each message that carries descriptors, twice. And cut data
//! (`MSG_CTRUNC`) it refuses to look at: the descriptors that did arrive would stay open with
//! nobody owning them. [`walk`] reads whole and cut data alike.

use std::ffi::c_void;
use std::mem::size_of;

use libc::cmsghdr;
use nix::errno::Errno;

/// The most descriptors one message can deliver.
pub const MAX_RECEIVED: usize =
    if cfg!(any(target_os = "linux", target_os = "android")) { 253 } else { 512 };

/// Beside the descriptors: credentials, a pidfd, a timestamp and a security label, because
/// whoever held the socket before may have switched them on.
const BESIDE: usize = 768;

const WORDS: usize = (MAX_RECEIVED * size_of::<i32>() + BESIDE) / size_of::<u64>();
const BYTES: usize = WORDS * size_of::<u64>();

/// Memory for `msg_control`, aligned for its headers.
pub struct ControlBuffer {
    words: Box<[u64; WORDS]>,
    filled: usize,
}

impl Default for ControlBuffer {
    fn default() -> Self {
        Self { words: Box::new([0; WORDS]), filled: 0 }
    }
}

impl ControlBuffer {
    /// The whole room, for a receive.
    pub fn room(&mut self) -> (*mut c_void, usize) {
        self.filled = 0;
        (self.words.as_mut_ptr().cast(), BYTES)
    }

    /// How much of the room the kernel has filled.
    pub fn fill(&mut self, bytes: usize) {
        self.filled = bytes.min(BYTES);
    }

    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the array is initialised, at least `filled` long, and borrowed for as long as
        // the slice.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), self.filled) }
    }

    /// Empties it, for a send.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Adds a message of the level `SOL_SOCKET`. EINVAL where there is no room.
    pub fn push(
        &mut self,
        kind: i32,
        data: impl ExactSizeIterator<Item = i32>,
    ) -> Result<(), Errno> {
        let length = u32::try_from(data.len() * size_of::<i32>()).map_err(|_| Errno::EINVAL)?;
        // SAFETY: CMSG_LEN and CMSG_SPACE are arithmetic.
        let (offset, space) = unsafe { (libc::CMSG_LEN(0) as usize, libc::CMSG_SPACE(length)) };
        if space as usize > BYTES - self.filled {
            return Err(Errno::EINVAL);
        }
        // SAFETY: zero is a valid cmsghdr.
        let mut header: cmsghdr = unsafe { std::mem::zeroed() };
        // SAFETY: arithmetic.
        header.cmsg_len = unsafe { libc::CMSG_LEN(length) } as _;
        header.cmsg_level = libc::SOL_SOCKET;
        header.cmsg_type = kind;
        let start = self.words.as_mut_ptr();
        // SAFETY: there is room for `space` bytes from here on, aligned for a header, as every
        // message before took an aligned space; the data is `length` bytes of that.
        unsafe {
            start.cast::<cmsghdr>().byte_add(self.filled).write(header);
            let first = start.cast::<i32>().byte_add(self.filled + offset);
            for (index, word) in data.enumerate() {
                first.add(index).write(word);
            }
        }
        self.filled += space as usize;
        Ok(())
    }
}

/// One control message: what kind, and its data.
#[derive(Debug, PartialEq, Eq)]
pub struct ControlMessage<'a> {
    /// `SOL_SOCKET`, mostly.
    pub level: i32,
    /// `SCM_RIGHTS` and its like.
    pub kind: i32,
    /// The bytes after the header.
    pub data: &'a [u8],
}

/// Walks control data up to the first header that is empty or does not fit; a length that claims
/// more than there is (macOS leaves such) is cut to what is there.
pub fn walk(control: &[u8]) -> impl Iterator<Item = ControlMessage<'_>> {
    let mut rest = control;
    std::iter::from_fn(move || {
        let (message, next) = split_first(rest)?;
        rest = next;
        Some(message)
    })
}

/// The numbers in the data of an `SCM_RIGHTS` message; a last one that is cut is none.
pub fn numbers(data: &[u8]) -> impl Iterator<Item = i32> + '_ {
    let (whole, _cut) = data.as_chunks::<{ size_of::<i32>() }>();
    whole.iter().map(|bytes| i32::from_ne_bytes(*bytes))
}

fn split_first(control: &[u8]) -> Option<(ControlMessage<'_>, &[u8])> {
    let header_bytes = control.get(..size_of::<cmsghdr>())?;
    // SAFETY: the slice is as long as a cmsghdr, which is made of integers only; the read may be
    // unaligned, as a slice of bytes gives no promise.
    let header: cmsghdr = unsafe { header_bytes.as_ptr().cast::<cmsghdr>().read_unaligned() };
    // SAFETY: CMSG_LEN and CMSG_SPACE are arithmetic.
    let data_offset = unsafe { libc::CMSG_LEN(0) } as usize;
    #[allow(clippy::unnecessary_cast, reason = "socklen_t with some C libraries")]
    let length = (header.cmsg_len as usize).min(control.len());
    if length < data_offset {
        return None;
    }
    let data_length = length - data_offset;
    // SAFETY: as above.
    let space = unsafe { libc::CMSG_SPACE(data_length as u32) } as usize;
    let message = ControlMessage {
        level: header.cmsg_level,
        kind: header.cmsg_type,
        data: &control[data_offset..length],
    };
    Some((message, control.get(space..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(length: usize, kind: i32) -> Vec<u8> {
        // SAFETY: zero is a valid cmsghdr.
        let mut header: cmsghdr = unsafe { std::mem::zeroed() };
        header.cmsg_len = length as _;
        header.cmsg_level = libc::SOL_SOCKET;
        header.cmsg_type = kind;
        // SAFETY: a cmsghdr is plain data of that size, zeroed with its padding above.
        unsafe { std::slice::from_raw_parts((&raw const header).cast(), size_of::<cmsghdr>()) }
            .to_vec()
    }

    fn message(fds: &[i32]) -> Vec<u8> {
        // SAFETY: arithmetic.
        let (length, space) = unsafe {
            let data = size_of_val(fds) as u32;
            (libc::CMSG_LEN(data) as usize, libc::CMSG_SPACE(data) as usize)
        };
        let mut bytes = header(length, libc::SCM_RIGHTS);
        // SAFETY: arithmetic.
        bytes.resize(unsafe { libc::CMSG_LEN(0) } as usize, 0);
        bytes.extend(fds.iter().flat_map(|fd| fd.to_ne_bytes()));
        bytes.resize(space, 0);
        bytes
    }

    fn found(control: &[u8]) -> Vec<i32> {
        walk(control).flat_map(|message| numbers(message.data).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn an_empty_or_zeroed_buffer_holds_nothing() {
        assert_eq!(walk(&[]).count(), 0);
        assert_eq!(walk(&[0; 64]).count(), 0);
        assert_eq!(walk(ControlBuffer::default().bytes()).count(), 0);
    }

    #[test]
    fn several_messages_are_walked_in_order() {
        let mut control = message(&[3, 4, 5]);
        control.extend(message(&[6]));
        control.extend([0; 64]);
        assert_eq!(found(&control), [3, 4, 5, 6]);
    }

    #[test]
    fn a_length_beyond_the_buffer_is_cut_to_it() {
        let mut control = message(&[3, 4]);
        control[..size_of::<cmsghdr>()].copy_from_slice(&header(1 << 20, libc::SCM_RIGHTS));
        assert_eq!(found(&control)[..2], [3, 4]);
    }

    #[test]
    fn a_length_shorter_than_its_header_ends_the_walk() {
        assert_eq!(walk(&header(4, libc::SCM_RIGHTS)).count(), 0);
    }

    #[test]
    fn the_buffer_has_room_for_the_most_descriptors_and_all_beside() {
        // SAFETY: arithmetic.
        let rights = unsafe { libc::CMSG_SPACE((MAX_RECEIVED * size_of::<i32>()) as u32) };
        assert!(ControlBuffer::default().room().1 > rights as usize + 512);
    }

    #[test]
    fn what_is_pushed_is_walked_again() {
        let mut control = ControlBuffer::default();
        control.push(libc::SCM_RIGHTS, [3, 4, 5].into_iter()).unwrap();
        control.push(libc::SCM_RIGHTS, [6].into_iter()).unwrap();
        assert_eq!(found(control.bytes()), [3, 4, 5, 6]);
        control.clear();
        assert_eq!(walk(control.bytes()).count(), 0);
    }

    #[test]
    fn what_has_no_room_is_refused_whole() {
        let mut control = ControlBuffer::default();
        assert_eq!(control.push(libc::SCM_RIGHTS, vec![7; 2048].into_iter()), Err(Errno::EINVAL));
        assert_eq!(control.bytes().len(), 0);
    }
}
