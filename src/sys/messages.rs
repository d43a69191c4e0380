//! Many messages of one descriptor each, by few system calls.

use std::io::IoSlice;
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
use std::os::fd::AsRawFd;
use std::os::fd::{BorrowedFd, RawFd};

use nix::errno::Errno;

use super::control::ControlBuffer;
#[cfg(target_os = "linux")]
use super::control::MAX_RECEIVED;
#[cfg(target_os = "linux")]
use super::fd;
use super::message::{Beside, Received, send};
#[cfg(target_os = "linux")]
use super::message::{RECEIVE_FLAGS, arrived};
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
use super::message::{SEND_FLAGS, header_of, send_errno};

/// How many messages one system call sends or receives.
const MOST_AT_ONCE: usize = 64;

/// Sends each descriptor in a message of its own, with one filler byte, and does not wait. Answers
/// how many left; a failure is answered where none did.
pub fn send_each(
    socket: BorrowedFd,
    numbers: &[RawFd],
    control: &mut ControlBuffer,
) -> Result<usize, Errno> {
    let mut sent = 0;
    while sent < numbers.len() {
        let rest = &numbers[sent..];
        match send_some(socket, &rest[..rest.len().min(MOST_AT_ONCE)], control) {
            Ok(left) => sent += left,
            Err(errno) => return if sent == 0 { Err(errno) } else { Ok(sent) },
        }
    }
    Ok(sent)
}

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
fn send_some(
    socket: BorrowedFd,
    numbers: &[RawFd],
    control: &mut ControlBuffer,
) -> Result<usize, Errno> {
    if let [number] = numbers {
        return send_filler(socket, *number, control);
    }
    control.clear();
    let mut filler = FILLER;
    let mut buffer = libc::iovec { iov_base: filler.as_mut_ptr().cast(), iov_len: filler.len() };
    // SAFETY: zero is a valid mmsghdr, of an empty message.
    let mut headers: [libc::mmsghdr; MOST_AT_ONCE] = unsafe { std::mem::zeroed() };
    for number in numbers {
        control.push(libc::SCM_RIGHTS, std::iter::once(*number))?;
    }
    let space = control.bytes().len() / numbers.len();
    for (header, message) in headers.iter_mut().zip(control.bytes().chunks_exact(space)) {
        header.msg_hdr = header_of(&raw mut buffer, 1);
        // The kernel only reads there.
        header.msg_hdr.msg_control = message.as_ptr().cast_mut().cast();
        header.msg_hdr.msg_controllen = message.len() as _;
    }
    let count = numbers.len().min(MOST_AT_ONCE);
    loop {
        // SAFETY: as many headers are filled as said; each points to the filler and to its part of
        // the control data, which live longer than the call, with their lengths.
        let sent = unsafe {
            let headers = headers.as_mut_ptr();
            libc::sendmmsg(socket.as_raw_fd(), headers, count as _, SEND_FLAGS as _)
        };
        match Errno::result(sent) {
            Err(Errno::EINTR) => {}
            outcome => return outcome.map(|sent| sent as usize).map_err(send_errno),
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
fn send_some(
    socket: BorrowedFd,
    numbers: &[RawFd],
    control: &mut ControlBuffer,
) -> Result<usize, Errno> {
    send_filler(socket, numbers[0], control)
}

fn send_filler(
    socket: BorrowedFd,
    number: RawFd,
    control: &mut ControlBuffer,
) -> Result<usize, Errno> {
    let beside = Beside { descriptors: &[number], ..Beside::default() };
    send(socket, &[IoSlice::new(&FILLER)], &beside, control)
}

/// What goes with a descriptor where there is nothing else to send.
const FILLER: [u8; 1] = [0];

/// Where many messages are received.
#[derive(Default)]
pub struct Room {
    #[cfg(target_os = "linux")]
    controls: Vec<ControlBuffer>,
}

/// Receives up to `most` messages from a stream, of one byte each, and does not wait. `each` gets
/// them with their bytes, in their order; an end is the last.
///
/// `None` where one has to be received by one: the system has no call for many, or fewer slots are
/// free than so many messages could bring descriptors, and one of them as many as fit into one. What
/// finds no slot is lost, and that is to be one message, not all behind it.
#[cfg(target_os = "linux")]
pub fn receive_many(
    socket: BorrowedFd,
    most: usize,
    room: &mut Room,
    mut each: impl FnMut(Received, u8),
) -> Option<Result<(), Errno>> {
    let most = most.min(MOST_AT_ONCE);
    if !fd::has_slots(most + MAX_RECEIVED) {
        return None;
    }
    if room.controls.len() < most {
        room.controls.resize_with(most, ControlBuffer::default);
    }
    let mut bytes = [0_u8; MOST_AT_ONCE];
    // SAFETY: zero is a valid iovec and a valid mmsghdr, of an empty message.
    let (mut buffers, mut headers): ([libc::iovec; MOST_AT_ONCE], [libc::mmsghdr; MOST_AT_ONCE]) =
        unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
    let first_byte = bytes.as_mut_ptr();
    for (index, control) in room.controls.iter_mut().take(most).enumerate() {
        let (start, size) = control.room();
        // SAFETY: the index is below the number of bytes.
        buffers[index].iov_base = unsafe { first_byte.add(index) }.cast();
        buffers[index].iov_len = 1;
        let header = &mut headers[index].msg_hdr;
        *header = header_of(&raw mut buffers[index], 1);
        header.msg_control = start;
        header.msg_controllen = size as _;
    }
    let came = loop {
        // SAFETY: as many headers are filled as said; each points to its byte and its control
        // buffer, which live longer than the call, with their lengths.
        let came = unsafe {
            let headers = headers.as_mut_ptr();
            let flags = RECEIVE_FLAGS as _;
            libc::recvmmsg(socket.as_raw_fd(), headers, most as _, flags, std::ptr::null_mut())
        };
        match Errno::result(came) {
            Err(Errno::EINTR) => {}
            Err(errno) => return Some(Err(errno)),
            Ok(came) => break came as usize,
        }
    };
    for ((header, control), byte) in headers.iter().zip(&mut room.controls).zip(bytes).take(came) {
        let length = header.msg_len as usize;
        each(arrived(socket, &header.msg_hdr, length, control), byte);
        if length == 0 {
            // The end, which the system tells again and again.
            break;
        }
    }
    Some(Ok(()))
}

#[cfg(not(target_os = "linux"))]
pub fn receive_many(
    _socket: BorrowedFd,
    _most: usize,
    _room: &mut Room,
    _each: impl FnMut(Received, u8),
) -> Option<Result<(), Errno>> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::message::tests::{pair, receive_one};
    use std::fs::File;
    use std::os::fd::AsFd;

    #[test]
    fn each_of_many_goes_in_a_message_of_its_own_until_the_socket_is_full() {
        let (a, b) = pair();
        let file = File::open("/dev/null").unwrap();
        let many = vec![file.as_raw_fd(); 1000];
        let control = &mut ControlBuffer::default();
        let sent = send_each(a.as_fd(), &many, control).unwrap();
        assert!(sent > 64 && sent < many.len());
        assert_eq!(send_each(a.as_fd(), &many, control), Err(Errno::EAGAIN));
        for _ in 0..sent {
            assert_eq!(receive_one(&b).unwrap().descriptors.len(), 1);
        }
        assert_eq!(receive_one(&b).err(), Some(Errno::EAGAIN));
    }

    #[test]
    fn a_closed_number_among_many_ends_them_before_it() {
        let (a, _b) = pair();
        let file = File::open("/dev/null").unwrap();
        let open = file.as_raw_fd();
        let control = &mut ControlBuffer::default();
        assert_eq!(send_each(a.as_fd(), &[open, open, 1 << 20, open], control), Ok(2));
        assert_eq!(send_each(a.as_fd(), &[1 << 20, open], control), Err(Errno::EBADF));
        assert_eq!(send_each(a.as_fd(), &[], control), Ok(0));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_was_sent_by_many_is_received_by_many_and_then_the_end() {
        let (a, b) = pair();
        let file = File::open("/dev/null").unwrap();
        let control = &mut ControlBuffer::default();
        assert_eq!(send_each(a.as_fd(), &[file.as_raw_fd(); 5], control), Ok(5));
        let room = &mut Room::default();
        let mut came = Vec::new();
        let outcome = receive_many(b.as_fd(), 3, room, |received, _| came.push(received));
        assert_eq!((outcome, came.len()), (Some(Ok(())), 3));
        drop(a);
        let outcome = receive_many(b.as_fd(), 64, room, |received, _| came.push(received));
        assert_eq!((outcome, came.len()), (Some(Ok(())), 6));
        let counts: Vec<_> = came.iter().map(|one| (one.bytes, one.descriptors.len())).collect();
        assert_eq!(counts, [(1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (0, 0)]);
    }
}
