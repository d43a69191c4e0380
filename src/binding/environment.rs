//! The environment: one JavaScript thread with its loop, its ledger and its wake-ups.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{Rc, Weak};

use napi::bindgen_prelude::*;
use napi_derive::napi;
use nix::errno::Errno;

use super::slots::Slot;
use super::{held, transport};
use crate::error::IntoCode;
use crate::ledger::Ledger;
use crate::readiness::Engine;
use crate::readiness::poller::Poller;
use crate::readiness::uv::UvEngine;
use crate::sys::bytes::with_words;
use crate::sys::callback::Callback;
use crate::sys::control::ControlBuffer;
use crate::sys::messages::Room;
use crate::sys::{fd, function, kind, option, socket, uv};

/// The `means` of a runtime that is not Node: nothing of libuv, no async context.
const OTHER_RUNTIME: i32 = 2;

/// What every socket of an environment shares.
pub struct Shared {
    /// Wake-ups.
    pub engine: Box<dyn Engine>,
    /// Who owns which number.
    pub ledger: RefCell<Ledger>,
    /// Where control messages are received.
    pub control: RefCell<ControlBuffer>,
    /// Where many messages are received.
    pub room: RefCell<Room>,
    /// JavaScript's `dispatch`.
    pub callback: Callback,
    /// Every socket that may still be open: not every runtime finalizes objects at its end.
    sockets: RefCell<Vec<Weak<dyn Ending>>>,
}

/// What ends with its environment, at the latest.
pub trait Ending {
    /// Closes what it owns.
    fn end(&self);
}

/// The native side of one JavaScript environment.
#[napi]
pub struct Environment(Slot<Shared>);

#[napi]
impl Environment {
    /// `dispatch(slot, events)` is called when a watched socket can be tried again, and answers
    /// what is still awaited, or -1 where nobody waits. `means` says what to wait with: 0 libuv,
    /// and a thread where there is none; 1 a thread; 2 a thread, in a runtime whose libuv must
    /// not even be asked.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "dispatch: (slot: number, events: number) => number, means: number"
    )]
    pub fn new(env: Env, dispatch: Unknown, means: i32) -> Result<Self> {
        let shared = Rc::new(Shared {
            engine: engine(env, means),
            ledger: RefCell::default(),
            control: RefCell::default(),
            room: RefCell::default(),
            callback: Callback::new(env, &dispatch, means != OTHER_RUNTIME)?,
            sockets: RefCell::default(),
        });
        env.add_env_cleanup_hook(Rc::clone(&shared), |shared| {
            // A panic must not cross into Node; what it left open ends with the process.
            let _ = catch_unwind(AssertUnwindSafe(|| shared.shutdown()));
        })?;
        Ok(Self(Slot::new(shared)))
    }

    /// What the functions that are called for each descriptor name this environment by.
    #[napi(getter, catch_unwind)]
    pub fn slot(&self) -> u32 {
        self.0.number
    }

    /// What is called for each message and each descriptor, as `lib/transport.ts` has it.
    #[napi(catch_unwind, ts_return_type = "object")]
    #[allow(clippy::unused_self, reason = "the border is one class")]
    pub fn transport(&self, env: Env) -> Result<Object<'static>> {
        function::object(env, &[held::FUNCTIONS, transport::FUNCTIONS].concat())
    }

    /// A new socket, held; or a negative errno.
    #[napi(catch_unwind)]
    pub fn open_socket(&self, kind: i32) -> i32 {
        self.hold(socket::kind(kind).and_then(socket::open))
    }

    /// Two connected sockets, held, into the first two registers.
    #[napi(catch_unwind, ts_args_type = "kind: number, registers: Int32Array")]
    pub fn open_pair(&self, kind: i32, registers: Unknown) -> i32 {
        let made = with_words(&registers, |words| {
            let words = words.first_chunk_mut().ok_or(Errno::EINVAL)?;
            let (one, other) = socket::kind(kind).and_then(socket::pair)?;
            let mut ledger = self.shared().ledger.borrow_mut();
            *words = [ledger.hold(one), ledger.hold(other)];
            Ok(())
        });
        made.unwrap_or(Err(Errno::EINVAL)).into_code()
    }

    /// Takes ownership of an open number that nobody here owns yet (else EEXIST).
    #[napi(catch_unwind)]
    pub fn adopt(&self, number: i32) -> i32 {
        if self.shared().ledger.borrow().owns(number) {
            return Err::<i32, _>(Errno::EEXIST).into_code();
        }
        self.hold(fd::adopt(number))
    }

    /// Puts a held descriptor's file behind another number, and closes the held one; where that
    /// fails it stays held.
    #[napi(catch_unwind)]
    pub fn replace(&self, number: i32, target: i32) -> i32 {
        let mut ledger = self.shared().ledger.borrow_mut();
        let replaced = ledger.borrow(number).and_then(|held| fd::replace(held, target));
        replaced.and_then(|()| ledger.remove(number)).map(drop).into_code()
    }

    /// How a Unix socket frames its messages: 0 a stream, 1 packets, 2 datagrams; or a negative
    /// errno where it is none.
    #[napi(catch_unwind)]
    #[allow(clippy::unused_self, reason = "the border is one class")]
    pub fn framing(&self, number: i32) -> i32 {
        let framing = fd::borrow(number).and_then(socket::framing);
        framing.map(|framing| framing as i32).into_code()
    }

    /// What is behind a number, in a word; or a negative errno.
    #[napi(catch_unwind)]
    #[allow(clippy::unused_self, reason = "the border is one class")]
    pub fn kind(&self, number: i32) -> Either<&'static str, i32> {
        match fd::borrow(number).and_then(kind::kind) {
            Ok(kind) => Either::A(kind),
            failed => Either::B(failed.map(|_| 0).into_code()),
        }
    }

    /// The usual constants of socket options, as this system counts them.
    #[napi(catch_unwind)]
    #[allow(clippy::unused_self, reason = "the border is one class")]
    pub fn constants(&self) -> HashMap<String, i32> {
        option::CONSTANTS.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    /// 1 for a socket that listens, 0 for one that does not; or a negative errno.
    #[napi(catch_unwind)]
    #[allow(clippy::unused_self, reason = "the border is one class")]
    pub fn is_listening(&self, number: i32) -> i32 {
        fd::borrow(number).and_then(socket::is_listening).map(i32::from).into_code()
    }

    /// Whether it is a socket of IPv6.
    #[napi(catch_unwind)]
    #[allow(clippy::unused_self, reason = "the border is one class")]
    pub fn is_ipv6(&self, number: i32) -> bool {
        fd::borrow(number).is_ok_and(kind::is_ipv6)
    }

    /// Locks a file or directory until its number is closed, if nobody else has (else EAGAIN).
    #[napi(catch_unwind)]
    #[allow(clippy::unused_self, reason = "the border is one class")]
    pub fn try_lock(&self, number: i32) -> i32 {
        fd::borrow(number).and_then(fd::try_lock).into_code()
    }

    /// Whether two numbers are the same open file.
    #[napi(catch_unwind)]
    #[allow(clippy::unused_self, reason = "the border is one class")]
    pub fn same_open_file(&self, one: i32, other: i32) -> bool {
        fd::borrow(one).is_ok_and(|one| fd::same_open_file(one, other))
    }

    pub(super) fn shared(&self) -> &Rc<Shared> {
        &self.0.object
    }

    fn hold(&self, made: std::result::Result<std::os::fd::OwnedFd, Errno>) -> i32 {
        made.map(|made| self.shared().ledger.borrow_mut().hold(made)).into_code()
    }
}

fn engine(env: Env, means: i32) -> Box<dyn Engine> {
    let raw_loop = if means == OTHER_RUNTIME { None } else { env.get_uv_event_loop().ok() };
    let raw_loop = raw_loop.map_or(std::ptr::null_mut(), <*mut _>::cast);
    if means == 0
        && let Some(engine) = UvEngine::new(raw_loop)
    {
        return Box::new(engine);
    }
    Box::new(Poller::new(env.raw(), uv::Loop::new(raw_loop)))
}

impl Shared {
    /// Has a socket closed with the environment, at the latest.
    pub fn note(&self, socket: Weak<dyn Ending>) {
        let mut sockets = self.sockets.borrow_mut();
        if sockets.len() == sockets.capacity() {
            sockets.retain(|socket| socket.strong_count() > 0);
        }
        sockets.push(socket);
    }

    /// The environment ends: stop and close the handles, then the descriptors.
    fn shutdown(&self) {
        for socket in self.sockets.take().iter().filter_map(Weak::upgrade) {
            socket.end();
        }
        self.engine.shutdown();
        self.callback.close();
        if let Ok(mut ledger) = self.ledger.try_borrow_mut() {
            ledger.clear();
        }
    }
}
