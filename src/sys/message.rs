//! One message: bytes, and what goes beside them.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::socket::{SockaddrLike, UnixAddr};

use super::control::{ControlBuffer, numbers, walk};
use super::descriptors::Descriptors;
use super::peer::Credentials;
use super::{address, fd};

/// What is sent beside the payload.
#[derive(Default)]
pub struct Beside<'a> {
    /// Open numbers; the message carries duplicates.
    pub descriptors: &'a [RawFd],
    /// Whom the receiver is told the message comes from; the kernel checks it.
    pub credentials: Option<Credentials>,
    /// Where a datagram goes.
    pub to: Option<UnixAddr>,
}

/// What one `recvmsg` brought.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Received {
    /// Bytes of the message; of a packet that was cut, its whole length.
    pub bytes: usize,
    /// Bytes were cut off: the packet is larger than the buffers.
    pub payload_truncated: bool,
    /// Control data was cut off: some descriptors are lost to this process.
    pub control_truncated: bool,
    /// The cut was for want of a free descriptor slot.
    pub out_of_slots: bool,
    /// Something came beside the bytes.
    pub has_control: bool,
    /// The descriptors it carried.
    pub descriptors: Descriptors,
    /// Who sent it, where the socket asks for that.
    pub credentials: Option<Credentials>,
    /// The sending process, where the socket asks for that.
    pub pidfd: Option<OwnedFd>,
    /// Where a datagram came from.
    pub from: Option<Vec<u8>>,
}

/// What kind of socket receives, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Bytes without borders.
    Stream,
    /// Packets, in order, over a connection.
    Packet,
    /// Packets with an address each.
    Datagram,
}

/// Sends one message and does not wait; a number that is not open is EBADF. Answers how many
/// bytes left: with the first of them all descriptors have left too.
pub fn send(
    socket: BorrowedFd,
    payload: &[IoSlice],
    beside: &Beside,
    control: &mut ControlBuffer,
) -> Result<usize, Errno> {
    control.clear();
    if let Some(Credentials { pid, uid, gid }) = beside.credentials {
        let kind = SCM_CREDENTIALS.ok_or(Errno::ENOTSUP)?;
        control.push(kind, [pid, uid as i32, gid as i32].into_iter())?;
    }
    if !beside.descriptors.is_empty() {
        control.push(libc::SCM_RIGHTS, beside.descriptors.iter().copied())?;
    }
    let mut header = header_of(payload.as_ptr().cast_mut().cast(), payload.len());
    if !control.bytes().is_empty() {
        // The kernel only reads there.
        header.msg_control = control.bytes().as_ptr().cast_mut().cast();
        header.msg_controllen = control.bytes().len() as _;
    }
    if let Some(to) = &beside.to {
        header.msg_name = to.as_ptr().cast_mut().cast();
        header.msg_namelen = to.len();
    }
    loop {
        // SAFETY: the header points to the payload, the control data and the address, which all
        // live longer than the call, with their lengths.
        let sent = unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const header, SEND_FLAGS) };
        match Errno::result(sent) {
            Err(Errno::EINTR) => {}
            outcome => return outcome.map(|bytes| bytes as usize).map_err(send_errno),
        }
    }
}

/// Receives one message and does not wait. Every descriptor that arrived is owned when this
/// returns, whatever else was wrong with the message.
pub fn receive(
    socket: BorrowedFd,
    framing: Framing,
    buffers: &mut [IoSliceMut],
    control: &mut ControlBuffer,
) -> Result<Received, Errno> {
    let mut header = header_of(buffers.as_mut_ptr().cast(), buffers.len());
    let (room, size) = control.room();
    header.msg_control = room;
    header.msg_controllen = size as _;
    // SAFETY: zero is a valid address, of no family.
    let mut from: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    if framing == Framing::Datagram {
        header.msg_name = (&raw mut from).cast();
        header.msg_namelen = size_of::<libc::sockaddr_un>() as _;
    }
    let flags = if framing == Framing::Stream { RECEIVE_FLAGS } else { PACKET_FLAGS };
    let bytes = loop {
        // SAFETY: the header points to the buffers, the control buffer and the address, which
        // live longer than the call, with their lengths.
        let came = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut header, flags) };
        match Errno::result(came) {
            Err(Errno::EINTR) => {}
            outcome => break outcome? as usize,
        }
    };
    let mut received = arrived(socket, &header, bytes, control);
    if framing == Framing::Datagram {
        received.from = Some(address::format(&from, header.msg_namelen));
    }
    Ok(received)
}

/// What the kernel has told of a message in its header and its control buffer.
pub(super) fn arrived(
    socket: BorrowedFd,
    header: &libc::msghdr,
    bytes: usize,
    control: &mut ControlBuffer,
) -> Received {
    #[allow(clippy::unnecessary_cast, reason = "socklen_t with some C libraries")]
    control.fill(header.msg_controllen as usize);
    let mut received = Received {
        bytes,
        payload_truncated: header.msg_flags & libc::MSG_TRUNC != 0,
        control_truncated: header.msg_flags & libc::MSG_CTRUNC != 0,
        ..Received::default()
    };
    own(control, &mut received);
    if received.control_truncated {
        received.has_control = true;
        received.out_of_slots = fd::out_of_slots(socket);
    }
    received
}

/// The header of a message in `count` buffers, without anything beside them.
pub(super) fn header_of(buffers: *mut libc::iovec, count: usize) -> libc::msghdr {
    // SAFETY: zero is a valid msghdr, of an empty message.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    // `IoSlice` and `IoSliceMut` are iovecs, by their documentation.
    header.msg_iov = buffers;
    header.msg_iovlen = count as _;
    header
}

fn own(control: &ControlBuffer, received: &mut Received) {
    for message in walk(control.bytes()) {
        received.has_control = true;
        if message.level != libc::SOL_SOCKET {
            continue;
        }
        if message.kind == libc::SCM_RIGHTS {
            received.descriptors.reserve(message.data.len() / size_of::<RawFd>());
            for descriptor in numbers(message.data).filter_map(own_number) {
                received.descriptors.push(descriptor);
            }
        } else if Some(message.kind) == SCM_PIDFD {
            received.pidfd = numbers(message.data).find_map(own_number);
        } else if Some(message.kind) == SCM_CREDENTIALS {
            let mut words = numbers(message.data);
            let mut next = || words.next().unwrap_or_default();
            received.credentials =
                Some(Credentials { pid: next(), uid: next() as u32, gid: next() as u32 });
        }
    }
}

fn own_number(number: RawFd) -> Option<OwnedFd> {
    if number < 0 {
        return None;
    }
    // SAFETY: the kernel put this number into a control message for us, once; nobody else knows
    // it yet.
    let descriptor = unsafe { OwnedFd::from_raw_fd(number) };
    if !RECEIVES_CLOSE_ON_EXEC {
        fd::set_close_on_exec(&descriptor);
    }
    Some(descriptor)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const SCM_CREDENTIALS: Option<i32> = Some(libc::SCM_CREDENTIALS);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SCM_CREDENTIALS: Option<i32> = None;

/// What a pidfd of the sender comes in; with `SO_PASSPIDFD` on, every receive brings one.
const SCM_PIDFD: Option<i32> =
    if cfg!(any(target_os = "linux", target_os = "android")) { Some(4) } else { None };

#[cfg(not(target_vendor = "apple"))]
pub(super) const SEND_FLAGS: i32 = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
#[cfg(target_vendor = "apple")]
pub(super) const SEND_FLAGS: i32 = libc::MSG_DONTWAIT;

#[cfg(not(target_vendor = "apple"))]
pub(super) const RECEIVE_FLAGS: i32 = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
#[cfg(target_vendor = "apple")]
pub(super) const RECEIVE_FLAGS: i32 = libc::MSG_DONTWAIT;

/// With `MSG_TRUNC` asked for, Linux answers the whole length of a packet that was cut.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PACKET_FLAGS: i32 = RECEIVE_FLAGS | libc::MSG_TRUNC;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PACKET_FLAGS: i32 = RECEIVE_FLAGS;

/// FreeBSD knows the flag and seems not to heed it, so only Linux is trusted.
const RECEIVES_CLOSE_ON_EXEC: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// macOS says ENOBUFS for a full peer, and EPROTOTYPE for one that is going away.
#[cfg(target_vendor = "apple")]
pub(super) fn send_errno(errno: Errno) -> Errno {
    match errno {
        Errno::ENOBUFS => Errno::EAGAIN,
        Errno::EPROTOTYPE => Errno::EPIPE,
        other => other,
    }
}

#[cfg(not(target_vendor = "apple"))]
pub(super) fn send_errno(errno: Errno) -> Errno {
    errno
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsFd;

    use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};

    pub fn pair() -> (OwnedFd, OwnedFd) {
        socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC).unwrap()
    }

    fn send_byte(socket: &OwnedFd, descriptors: &[RawFd]) -> Result<usize, Errno> {
        let beside = Beside { descriptors, ..Beside::default() };
        send(socket.as_fd(), &[IoSlice::new(b"x")], &beside, &mut ControlBuffer::default())
    }

    pub fn receive_one(socket: &OwnedFd) -> Result<Received, Errno> {
        let mut byte = [0];
        let mut buffers = [IoSliceMut::new(&mut byte)];
        receive(socket.as_fd(), Framing::Stream, &mut buffers, &mut ControlBuffer::default())
    }

    #[test]
    fn descriptors_arrive_close_on_exec_and_in_order() {
        let (a, b) = pair();
        let files = [File::open("/dev/null").unwrap(), File::open("/dev/zero").unwrap()];
        let numbers: Vec<_> = files.iter().map(AsRawFd::as_raw_fd).collect();
        assert_eq!(send_byte(&a, &numbers), Ok(1));
        let received = receive_one(&b).unwrap();
        assert_eq!(received.bytes, 1);
        assert_eq!(received.descriptors.len(), 2);
        for (sent, got) in files.iter().zip(received.descriptors) {
            assert!(fd::same_open_file(sent.as_fd(), got.as_raw_fd()));
        }
    }

    #[test]
    fn an_empty_socket_would_block_and_a_closed_peer_reads_nothing() {
        let (a, b) = pair();
        assert_eq!(receive_one(&b).err(), Some(Errno::EAGAIN));
        drop(a);
        assert_eq!(receive_one(&b).unwrap().bytes, 0);
    }

    #[test]
    fn the_most_descriptors_pass_and_one_more_is_einval() {
        let (a, b) = pair();
        let file = File::open("/dev/null").unwrap();
        let many = vec![file.as_raw_fd(); 254];
        assert_eq!(send_byte(&a, &many), Err(Errno::EINVAL));
        assert_eq!(send_byte(&a, &many[..253]), Ok(1));
        assert_eq!(receive_one(&b).unwrap().descriptors.len(), 253);
    }

    #[test]
    fn a_datagram_of_a_sender_without_a_name_comes_from_nowhere() {
        let kind = (AddressFamily::Unix, SockType::Datagram);
        let (a, b) = socketpair(kind.0, kind.1, None, SockFlag::SOCK_CLOEXEC).unwrap();
        assert_eq!(send_byte(&a, &[]), Ok(1));
        let mut byte = [0];
        let mut buffers = [IoSliceMut::new(&mut byte)];
        let control = &mut ControlBuffer::default();
        let received = receive(b.as_fd(), Framing::Datagram, &mut buffers, control).unwrap();
        assert_eq!(received.from, Some(Vec::new()));
    }

    #[test]
    fn a_peer_that_is_gone_is_epipe_without_a_signal() {
        let (a, b) = pair();
        drop(b);
        assert_eq!(send_byte(&a, &[]), Err(Errno::EPIPE));
    }
}
