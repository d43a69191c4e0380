//! libuv, as the running Node brings it: looked up by name, never linked.

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::{Rc, Weak};
use std::sync::OnceLock;

use nix::errno::Errno;

/// `UV_POLL` of `uv_handle_type`, part of libuv's stable interface.
const UV_POLL: c_int = 8;
/// `UV_READABLE`.
pub const READABLE: c_int = 1;
/// `UV_WRITABLE`.
pub const WRITABLE: c_int = 2;

type RawLoop = c_void;
type RawHandle = c_void;
type OnPoll = unsafe extern "C" fn(*mut RawHandle, c_int, c_int);
type OnClose = unsafe extern "C" fn(*mut RawHandle);
type OnWalk = unsafe extern "C" fn(*mut RawHandle, *mut c_void);

/// The functions that this module calls.
#[derive(Clone, Copy)]
struct Api {
    handle_size: unsafe extern "C" fn(c_int) -> usize,
    handle_get_data: unsafe extern "C" fn(*const RawHandle) -> *mut c_void,
    handle_set_data: unsafe extern "C" fn(*mut RawHandle, *mut c_void),
    poll_init: unsafe extern "C" fn(*mut RawLoop, *mut RawHandle, c_int) -> c_int,
    poll_start: unsafe extern "C" fn(*mut RawHandle, c_int, OnPoll) -> c_int,
    poll_stop: unsafe extern "C" fn(*mut RawHandle) -> c_int,
    reference: unsafe extern "C" fn(*mut RawHandle),
    unreference: unsafe extern "C" fn(*mut RawHandle),
    close: unsafe extern "C" fn(*mut RawHandle, OnClose),
    fileno: unsafe extern "C" fn(*const RawHandle, *mut c_int) -> c_int,
    walk: unsafe extern "C" fn(*mut RawLoop, OnWalk, *mut c_void),
}

impl Api {
    fn get() -> Option<&'static Self> {
        static API: OnceLock<Option<Api>> = OnceLock::new();
        API.get_or_init(Self::look_up).as_ref()
    }

    fn look_up() -> Option<Self> {
        /// # Safety
        /// `T` is the type of the C function with that name.
        unsafe fn symbol<T: Copy>(name: &CStr) -> Option<T> {
            // SAFETY: the name ends with a zero byte.
            let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
            // SAFETY: by this function's contract; a function pointer is as large as an address.
            (!address.is_null()).then(|| unsafe { std::mem::transmute_copy(&address) })
        }
        // SAFETY: the types above are those of libuv 1's header, whose binary interface is stable.
        unsafe {
            Some(Self {
                handle_size: symbol(c"uv_handle_size")?,
                handle_get_data: symbol(c"uv_handle_get_data")?,
                handle_set_data: symbol(c"uv_handle_set_data")?,
                poll_init: symbol(c"uv_poll_init")?,
                poll_start: symbol(c"uv_poll_start")?,
                poll_stop: symbol(c"uv_poll_stop")?,
                reference: symbol(c"uv_ref")?,
                unreference: symbol(c"uv_unref")?,
                close: symbol(c"uv_close")?,
                fileno: symbol(c"uv_fileno")?,
                walk: symbol(c"uv_walk")?,
            })
        }
    }
}

/// The event loop of one environment; valid until [`Loop::shutdown`].
pub struct Loop {
    raw: *mut RawLoop,
    api: &'static Api,
    polls: Cell<Vec<Weak<Handle>>>,
}

impl Loop {
    /// The loop that Node-API named, if this process has libuv to go with it.
    pub fn new(raw: *mut c_void) -> Option<Self> {
        let api = Api::get()?;
        (!raw.is_null()).then(|| Self { raw, api, polls: Cell::default() })
    }

    /// Whether a handle of this loop watches `number`, such as a `net.Socket`'s.
    pub fn watches(&self, number: c_int) -> bool {
        struct Search {
            api: &'static Api,
            number: c_int,
            found: bool,
        }
        unsafe extern "C" fn visit(handle: *mut RawHandle, search: *mut c_void) {
            // SAFETY: `search` is the local below, alive until the walk has returned.
            let search = unsafe { &mut *search.cast::<Search>() };
            let mut number = -1;
            // SAFETY: libuv visits live handles; one without a descriptor answers an error.
            let status = unsafe { (search.api.fileno)(handle, &raw mut number) };
            search.found |= status == 0 && number == search.number;
        }
        let mut search = Search { api: self.api, number, found: false };
        // SAFETY: the loop is alive, we are on its thread, and the visitor closes nothing.
        unsafe { (self.api.walk)(self.raw, visit, (&raw mut search).cast()) };
        search.found
    }

    /// Watches a descriptor, disarmed at first. libuv makes its open file description
    /// non-blocking. `on_event` gets libuv's status and the events, and must not touch
    /// JavaScript when it is dropped.
    pub fn poll(
        &self,
        descriptor: BorrowedFd,
        on_event: Box<dyn Fn(c_int, c_int)>,
    ) -> Result<Poll, Errno> {
        // SAFETY: a call without arguments that matter; libuv answers the size of its struct.
        let size = unsafe { (self.api.handle_size)(UV_POLL) };
        let memory = vec![0_u128; size.div_ceil(size_of::<u128>())].into_boxed_slice();
        let raw = Box::into_raw(memory);
        let handle = raw.cast::<RawHandle>();
        // SAFETY: the memory is large enough for a poll handle, zeroed and ours; the loop is
        // alive and this is its thread.
        let status = unsafe { (self.api.poll_init)(self.raw, handle, descriptor.as_raw_fd()) };
        if let Err(errno) = check(status) {
            // SAFETY: a handle that failed to initialise is not known to the loop.
            drop(unsafe { Box::from_raw(raw) });
            return Err(errno);
        }
        let shared = Rc::new(Handle { api: self.api, raw: Cell::new(raw), on_event });
        // SAFETY: the handle is initialised. It owns one count of `shared`, which the close
        // callback gives back, so the data outlives the handle.
        unsafe {
            (self.api.handle_set_data)(handle, Rc::into_raw(shared.clone()).cast_mut().cast());
            (self.api.unreference)(handle);
        }
        let mut polls = self.polls.take();
        if polls.len() == polls.capacity() {
            polls.retain(|poll| poll.strong_count() > 0);
        }
        polls.push(Rc::downgrade(&shared));
        self.polls.set(polls);
        Ok(Poll(shared))
    }

    /// Closes every handle that is still open: a loop that ends with one aborts the process.
    pub fn shutdown(&self) {
        for poll in self.polls.take() {
            if let Some(handle) = poll.upgrade() {
                handle.close();
            }
        }
    }
}

/// A `uv_poll_t`, closed when it is dropped. Drop it before its descriptor.
pub struct Poll(Rc<Handle>);

struct Handle {
    api: &'static Api,
    /// Null once it is closed.
    raw: Cell<*mut [u128]>,
    on_event: Box<dyn Fn(c_int, c_int)>,
}

impl Poll {
    /// Arms for `events`; none disarms.
    pub fn arm(&self, events: c_int) -> Result<(), Errno> {
        let handle = self.0.live().ok_or(Errno::EBADF)?;
        // SAFETY: the handle is open, and we are on its loop's thread.
        let status = unsafe {
            if events == 0 {
                (self.0.api.poll_stop)(handle)
            } else {
                (self.0.api.poll_start)(handle, events, on_poll)
            }
        };
        check(status)
    }

    /// Whether the handle, while armed, keeps the loop alive.
    pub fn hold(&self, hold: bool) {
        if let Some(handle) = self.0.live() {
            // SAFETY: as in `arm`; both may be called any number of times.
            unsafe {
                if hold {
                    (self.0.api.reference)(handle);
                } else {
                    (self.0.api.unreference)(handle);
                }
            }
        }
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Handle {
    fn live(&self) -> Option<*mut RawHandle> {
        let raw = self.raw.get().cast::<RawHandle>();
        (!raw.is_null()).then_some(raw)
    }

    fn close(&self) {
        let Some(handle) = self.live() else {
            return;
        };
        self.raw.set(ptr::slice_from_raw_parts_mut(ptr::null_mut(), self.raw.get().len()));
        // SAFETY: open until this line, and closed once: the cell is empty now. Its memory is
        // freed by `on_close`, when libuv is done with it.
        unsafe {
            (self.api.poll_stop)(handle);
            (self.api.close)(handle, on_close);
        }
    }
}

/// libuv counts failures as we do: a negative errno.
fn check(status: c_int) -> Result<(), Errno> {
    if status < 0 { Err(Errno::from_raw(-status)) } else { Ok(()) }
}

unsafe extern "C" fn on_poll(handle: *mut RawHandle, status: c_int, events: c_int) {
    let Some(api) = Api::get() else {
        return;
    };
    // SAFETY: the data was set to a count of `Rc<Handle>` before the handle was armed; one more
    // count keeps it alive if the callback closes the socket.
    let shared = unsafe {
        let data = (api.handle_get_data)(handle).cast_const().cast::<Handle>();
        Rc::increment_strong_count(data);
        Rc::from_raw(data)
    };
    if shared.live().is_some() {
        // A panic must not cross into libuv; the socket's next call names what is wrong.
        let _ = catch_unwind(AssertUnwindSafe(|| (shared.on_event)(status, events)));
    }
}

unsafe extern "C" fn on_close(handle: *mut RawHandle) {
    let Some(api) = Api::get() else {
        return;
    };
    // SAFETY: libuv calls this once, when it has let go of the handle; the data is the count that
    // `Loop::poll` gave to the handle, and the memory is what it allocated, in that size.
    let _ = catch_unwind(AssertUnwindSafe(|| unsafe {
        let shared = Rc::from_raw((api.handle_get_data)(handle).cast_const().cast::<Handle>());
        let length = shared.raw.get().len();
        drop(Box::from_raw(ptr::slice_from_raw_parts_mut(handle.cast::<u128>(), length)));
    }));
}
