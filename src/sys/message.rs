//! One message: bytes and the descriptors beside them.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, RecvMsg, UnixAddr, recvmsg, sendmsg,
};

use super::control::{ControlBuffer, numbers, walk};
use super::fd;

/// What one `recvmsg` brought.
#[derive(Default)]
pub struct Received {
    /// Bytes put into the buffers.
    pub bytes: usize,
    /// Bytes were cut off: the packet is larger than the buffers.
    pub payload_truncated: bool,
    /// Control data was cut off: some descriptors are lost to this process.
    pub control_truncated: bool,
    /// The cut was for want of a free descriptor slot.
    pub out_of_slots: bool,
    /// The descriptors it carried.
    pub descriptors: Vec<OwnedFd>,
}

/// Sends one message and does not wait; a number that is not open is EBADF. Answers how many bytes left: with the first of them all
/// descriptors have left too.
pub fn send(
    socket: BorrowedFd,
    payload: &[IoSlice],
    descriptors: &[RawFd],
) -> Result<usize, Errno> {
    let rights = [ControlMessage::ScmRights(descriptors)];
    let control = if descriptors.is_empty() { &rights[..0] } else { &rights[..] };
    loop {
        let sent = sendmsg::<UnixAddr>(socket.as_raw_fd(), payload, control, SEND_FLAGS, None);
        match sent {
            Err(Errno::EINTR) => {}
            outcome => return outcome.map_err(send_errno),
        }
    }
}

/// Receives one message and does not wait. Every descriptor that arrived is owned when this
/// returns, whatever else was wrong with the message.
pub fn receive(
    socket: BorrowedFd,
    buffers: &mut [IoSliceMut],
    control: &mut ControlBuffer,
) -> Result<Received, Errno> {
    let mut received = Received::default();
    let number = socket.as_raw_fd();
    let arrived = loop {
        match recvmsg::<()>(number, buffers, Some(control.zeroed()), RECEIVE_FLAGS) {
            Err(Errno::EINTR) => {}
            outcome => break outcome?,
        }
    };
    received.bytes = arrived.bytes;
    received.payload_truncated = arrived.flags.contains(MsgFlags::MSG_TRUNC);
    received.control_truncated = arrived.flags.contains(MsgFlags::MSG_CTRUNC);
    if received.control_truncated {
        own_truncated(control, &mut received);
        received.out_of_slots = fd::out_of_slots(socket);
    } else {
        own(&arrived, &mut received);
    }
    Ok(received)
}

fn own(arrived: &RecvMsg<()>, received: &mut Received) {
    // It refuses only what was truncated, and that went the other way.
    let Ok(messages) = arrived.cmsgs() else {
        return;
    };
    for message in messages {
        match message {
            ControlMessageOwned::ScmRights(numbers) => {
                received.descriptors.reserve_exact(numbers.len());
                for number in numbers {
                    own_number(number, received);
                }
            }
            #[cfg(any(target_os = "linux", target_os = "android"))]
            ControlMessageOwned::Unknown(message)
                if is_pidfd(message.cmsg_header.cmsg_level, message.cmsg_header.cmsg_type) =>
            {
                numbers(&message.data_bytes).for_each(close_number);
            }
            _ => {}
        }
    }
}

/// Our own walk, where nix would leave what arrived open and owned by nobody.
fn own_truncated(control: &ControlBuffer, received: &mut Received) {
    for message in walk(control.bytes()) {
        if (message.level, message.kind) == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
            numbers(message.data).for_each(|number| own_number(number, received));
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if is_pidfd(message.level, message.kind) {
            numbers(message.data).for_each(close_number);
        }
    }
}

fn own_number(number: i32, received: &mut Received) {
    if number >= 0 {
        // SAFETY: the kernel put this number into an SCM_RIGHTS message for us, once; nobody
        // else knows it yet.
        let descriptor = unsafe { OwnedFd::from_raw_fd(number) };
        if !RECEIVES_CLOSE_ON_EXEC {
            fd::set_close_on_exec(&descriptor);
        }
        received.descriptors.push(descriptor);
    }
}

/// With `SO_PASSPIDFD` on, every receive brings a descriptor that nobody asked for.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_pidfd(level: i32, kind: i32) -> bool {
    const SCM_PIDFD: i32 = 4;
    (level, kind) == (libc::SOL_SOCKET, SCM_PIDFD)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn close_number(number: RawFd) {
    if number >= 0 {
        // SAFETY: as in `own_number`.
        drop(unsafe { OwnedFd::from_raw_fd(number) });
    }
}

#[cfg(not(any(target_os = "macos", target_os = "ios")))]
const SEND_FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT.union(MsgFlags::MSG_NOSIGNAL);
#[cfg(any(target_os = "macos", target_os = "ios"))]
const SEND_FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT;

#[cfg(not(any(target_os = "macos", target_os = "ios")))]
const RECEIVE_FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT.union(MsgFlags::MSG_CMSG_CLOEXEC);
#[cfg(any(target_os = "macos", target_os = "ios"))]
const RECEIVE_FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT;

/// FreeBSD knows the flag and seems not to heed it, so only Linux is trusted.
const RECEIVES_CLOSE_ON_EXEC: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// macOS says ENOBUFS for a full peer, and EPROTOTYPE for one that is going away.
#[cfg(any(target_os = "macos", target_os = "ios"))]
fn send_errno(errno: Errno) -> Errno {
    match errno {
        Errno::ENOBUFS => Errno::EAGAIN,
        Errno::EPROTOTYPE => Errno::EPIPE,
        other => other,
    }
}

#[cfg(not(any(target_os = "macos", target_os = "ios")))]
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

    fn receive_one(socket: &OwnedFd) -> Result<Received, Errno> {
        let mut byte = [0];
        let mut buffers = [IoSliceMut::new(&mut byte)];
        receive(socket.as_fd(), &mut buffers, &mut ControlBuffer::default())
    }

    #[test]
    fn descriptors_arrive_close_on_exec_and_in_order() {
        let (a, b) = pair();
        let files = [File::open("/dev/null").unwrap(), File::open("/dev/zero").unwrap()];
        let borrowed: Vec<_> = files.iter().map(AsRawFd::as_raw_fd).collect();
        assert_eq!(send(a.as_fd(), &[IoSlice::new(b"x")], &borrowed), Ok(1));
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
        let payload = [IoSlice::new(b"x")];
        assert_eq!(send(a.as_fd(), &payload, &many), Err(Errno::EINVAL));
        assert_eq!(send(a.as_fd(), &payload, &many[..253]), Ok(1));
        assert_eq!(receive_one(&b).unwrap().descriptors.len(), 253);
    }

    #[test]
    fn a_peer_that_is_gone_is_epipe_without_a_signal() {
        let (a, b) = pair();
        drop(b);
        assert_eq!(send(a.as_fd(), &[IoSlice::new(b"x")], &[]), Err(Errno::EPIPE));
    }
}
