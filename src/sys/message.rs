//! One message: bytes, and what goes beside them.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, RecvMsg, SockaddrLike, UnixAddr, recvmsg,
    sendmsg,
};

use super::control::{ControlBuffer, numbers, walk};
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
    pub descriptors: Vec<OwnedFd>,
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
pub fn send(socket: BorrowedFd, payload: &[IoSlice], beside: &Beside) -> Result<usize, Errno> {
    let rights = ControlMessage::ScmRights(beside.descriptors);
    let credentials = beside.credentials.as_ref().map(claim).transpose()?;
    let claimed = credentials.as_ref().map(claimed);
    let both;
    let control: &[ControlMessage] = match (beside.descriptors.is_empty(), claimed) {
        (true, None) => &[],
        (false, None) => std::slice::from_ref(&rights),
        (empty, Some(claimed)) => {
            both = [claimed, rights];
            if empty { &both[..1] } else { &both }
        }
    };
    loop {
        let to = beside.to.as_ref();
        match sendmsg::<UnixAddr>(socket.as_raw_fd(), payload, control, SEND_FLAGS, to) {
            Err(Errno::EINTR) => {}
            outcome => return outcome.map_err(send_errno),
        }
    }
}

/// Sends each descriptor in a message of its own, with one filler byte, and does not wait. Answers
/// how many left; a failure is answered where none did.
pub fn send_each(socket: BorrowedFd, numbers: &[RawFd]) -> Result<usize, Errno> {
    let filler = [IoSlice::new(&[0])];
    for (sent, number) in numbers.iter().enumerate() {
        let beside = Beside { descriptors: std::slice::from_ref(number), ..Beside::default() };
        if let Err(errno) = send(socket, &filler, &beside) {
            return if sent == 0 { Err(errno) } else { Ok(sent) };
        }
    }
    Ok(numbers.len())
}

/// Receives one message and does not wait. Every descriptor that arrived is owned when this
/// returns, whatever else was wrong with the message.
pub fn receive(
    socket: BorrowedFd,
    framing: Framing,
    buffers: &mut [IoSliceMut],
    control: &mut ControlBuffer,
) -> Result<Received, Errno> {
    let received = match framing {
        Framing::Stream => receive_from::<()>(socket, RECEIVE_FLAGS, buffers, control)?.0,
        Framing::Packet => receive_from::<()>(socket, PACKET_FLAGS, buffers, control)?.0,
        Framing::Datagram => {
            let (mut received, from) =
                receive_from::<UnixAddr>(socket, PACKET_FLAGS, buffers, control)?;
            received.from = from.map(|from| address::format(&from));
            received
        }
    };
    Ok(received)
}

fn receive_from<S: SockaddrLike>(
    socket: BorrowedFd,
    flags: MsgFlags,
    buffers: &mut [IoSliceMut],
    control: &mut ControlBuffer,
) -> Result<(Received, Option<S>), Errno> {
    let mut received = Received::default();
    let number = socket.as_raw_fd();
    let arrived = loop {
        match recvmsg::<S>(number, buffers, Some(control.zeroed()), flags) {
            Err(Errno::EINTR) => {}
            outcome => break outcome?,
        }
    };
    received.bytes = arrived.bytes;
    received.payload_truncated = arrived.flags.contains(MsgFlags::MSG_TRUNC);
    received.control_truncated = arrived.flags.contains(MsgFlags::MSG_CTRUNC);
    if !received.control_truncated {
        let from = own(arrived, &mut received);
        return Ok((received, from));
    }
    let from = arrived.address;
    own_truncated(control, &mut received);
    received.out_of_slots = fd::out_of_slots(socket);
    Ok((received, from))
}

fn own<S>(arrived: RecvMsg<S>, received: &mut Received) -> Option<S> {
    // It refuses only what was truncated, and that goes the other way.
    for message in arrived.cmsgs().into_iter().flatten() {
        received.has_control = true;
        match message {
            ControlMessageOwned::ScmRights(numbers) => {
                received.descriptors.reserve_exact(numbers.len());
                received.descriptors.extend(numbers.into_iter().filter_map(own_number));
            }
            #[cfg(any(target_os = "linux", target_os = "android"))]
            ControlMessageOwned::ScmCredentials(sender) => {
                received.credentials =
                    Some(Credentials { pid: sender.pid(), uid: sender.uid(), gid: sender.gid() });
            }
            ControlMessageOwned::Unknown(message) => {
                let header = message.cmsg_header;
                if (header.cmsg_level, header.cmsg_type) == SCM_PIDFD {
                    received.pidfd = numbers(&message.data_bytes).find_map(own_number);
                }
            }
            _ => {}
        }
    }
    arrived.address
}

/// Our own walk, where nix would leave what arrived open and owned by nobody.
fn own_truncated(control: &ControlBuffer, received: &mut Received) {
    received.has_control = true;
    for message in walk(control.bytes()) {
        let kind = (message.level, message.kind);
        if kind == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
            received.descriptors.extend(numbers(message.data).filter_map(own_number));
        } else if kind == SCM_PIDFD {
            received.pidfd = numbers(message.data).find_map(own_number);
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

/// What a pidfd of the sender comes in; with `SO_PASSPIDFD` on, every receive brings one.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SCM_PIDFD: (i32, i32) = (libc::SOL_SOCKET, 4);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SCM_PIDFD: (i32, i32) = (-1, -1);

#[cfg(any(target_os = "linux", target_os = "android"))]
type Claim = nix::sys::socket::UnixCredentials;

#[cfg(any(target_os = "linux", target_os = "android"))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere there is nothing to claim with")]
fn claim(who: &Credentials) -> Result<Claim, Errno> {
    Ok(libc::ucred { pid: who.pid, uid: who.uid, gid: who.gid }.into())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn claimed(claim: &Claim) -> ControlMessage<'_> {
    ControlMessage::ScmCredentials(claim)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
enum Claim {}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn claim(_who: &Credentials) -> Result<Claim, Errno> {
    Err(Errno::ENOTSUP)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn claimed(claim: &Claim) -> ControlMessage<'_> {
    match *claim {}
}

#[cfg(not(target_vendor = "apple"))]
const SEND_FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT.union(MsgFlags::MSG_NOSIGNAL);
#[cfg(target_vendor = "apple")]
const SEND_FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT;

#[cfg(not(target_vendor = "apple"))]
const RECEIVE_FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT.union(MsgFlags::MSG_CMSG_CLOEXEC);
#[cfg(target_vendor = "apple")]
const RECEIVE_FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT;

/// With `MSG_TRUNC` asked for, Linux answers the whole length of a packet that was cut.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PACKET_FLAGS: MsgFlags = RECEIVE_FLAGS.union(MsgFlags::MSG_TRUNC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PACKET_FLAGS: MsgFlags = RECEIVE_FLAGS;

/// FreeBSD knows the flag and seems not to heed it, so only Linux is trusted.
const RECEIVES_CLOSE_ON_EXEC: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// macOS says ENOBUFS for a full peer, and EPROTOTYPE for one that is going away.
#[cfg(target_vendor = "apple")]
fn send_errno(errno: Errno) -> Errno {
    match errno {
        Errno::ENOBUFS => Errno::EAGAIN,
        Errno::EPROTOTYPE => Errno::EPIPE,
        other => other,
    }
}

#[cfg(not(target_vendor = "apple"))]
fn send_errno(errno: Errno) -> Errno {
    errno
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsFd;

    use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};

    fn pair() -> (OwnedFd, OwnedFd) {
        socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC).unwrap()
    }

    fn send_byte(socket: &OwnedFd, descriptors: &[RawFd]) -> Result<usize, Errno> {
        let beside = Beside { descriptors, ..Beside::default() };
        send(socket.as_fd(), &[IoSlice::new(b"x")], &beside)
    }

    fn receive_one(socket: &OwnedFd) -> Result<Received, Errno> {
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
        for (sent, got) in files.iter().zip(&received.descriptors) {
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
