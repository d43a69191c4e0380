//! A threadsafe function of Node-API, through which another thread wakes this one.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::sys;
use nix::errno::Errno;

use super::callback::RESOURCE;

/// The JavaScript thread's side. It keeps no program alive, unless it is held.
pub struct Wakeup {
    env: sys::napi_env,
    slot: Arc<Slot>,
}

/// The other thread's side.
pub struct Waker(Arc<Slot>);

/// The function, until the environment ends or the wake-up is closed.
struct Slot(Mutex<Option<Function>>);

struct Function(sys::napi_threadsafe_function);

// SAFETY: a threadsafe function is made to be called from any thread.
unsafe impl Send for Function {}

/// What the function carries along; freed by its finalizer.
struct Context {
    on_wake: Box<dyn Fn()>,
    slot: Arc<Slot>,
}

impl Wakeup {
    /// Has `on_wake` called on this thread, in a turn of its own, after each wake-up. It must not
    /// touch JavaScript when it is dropped.
    pub fn new(env: sys::napi_env, on_wake: Box<dyn Fn()>) -> Result<Self, Errno> {
        let slot = Arc::new(Slot(Mutex::new(None)));
        let context = Box::into_raw(Box::new(Context { on_wake, slot: Arc::clone(&slot) }));
        let (mut scope, mut name, mut function) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: called from JavaScript, so the environment is alive; out pointers are locals,
        // the name is as long as said, and the context lives until `finalize` frees it.
        let status = unsafe {
            sys::napi_open_handle_scope(env, &raw mut scope);
            sys::napi_create_string_utf8(
                env,
                RESOURCE.as_ptr(),
                RESOURCE.count_bytes() as isize,
                &raw mut name,
            );
            let status = sys::napi_create_threadsafe_function(
                env,
                ptr::null_mut(),
                ptr::null_mut(),
                name,
                0,
                1,
                context.cast(),
                Some(finalize),
                context.cast(),
                Some(on_call),
                &raw mut function,
            );
            sys::napi_close_handle_scope(env, scope);
            status
        };
        if status != sys::Status::napi_ok {
            // SAFETY: the function was not made, so nobody else has the context.
            drop(unsafe { Box::from_raw(context) });
            return Err(Errno::ENOMEM);
        }
        slot.lock().replace(Function(function));
        let this = Self { env, slot };
        this.hold(false);
        Ok(this)
    }

    /// What the other thread gets.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.slot))
    }

    /// Whether it keeps the program alive.
    pub fn hold(&self, hold: bool) {
        if let Some(Function(function)) = *self.slot.lock() {
            // SAFETY: the function is alive while it is in its slot, and this is its thread.
            unsafe {
                if hold {
                    sys::napi_ref_threadsafe_function(self.env, function);
                } else {
                    sys::napi_unref_threadsafe_function(self.env, function);
                }
            }
        }
    }
}

impl Drop for Wakeup {
    fn drop(&mut self) {
        // Taken out first: `finalize` may run within the release, and locks the slot.
        let function = self.slot.lock().take();
        if let Some(Function(function)) = function {
            // SAFETY: it was in its slot, so it is alive; this gives up the one count of it.
            unsafe {
                sys::napi_release_threadsafe_function(
                    function,
                    sys::ThreadsafeFunctionReleaseMode::abort,
                );
            }
        }
    }
}

impl Waker {
    /// Wakes the JavaScript thread; nothing happens where its environment has ended.
    pub fn wake(&self) {
        let mut slot = self.0.lock();
        if let Some(Function(function)) = *slot {
            // SAFETY: the function is alive while it is in its slot, whose lock is held.
            let status = unsafe {
                sys::napi_call_threadsafe_function(
                    function,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                )
            };
            if status == sys::Status::napi_closing {
                // Told once; after that it must not be named again.
                slot.take();
            }
        }
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<Function>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

unsafe extern "C" fn on_call(
    env: sys::napi_env,
    _function: sys::napi_value,
    context: *mut c_void,
    _data: *mut c_void,
) {
    // Without an environment it is only told that the call is lost.
    if env.is_null() {
        return;
    }
    // SAFETY: the context lives until `finalize`, which runs on this thread.
    let context = unsafe { &*context.cast::<Context>() };
    // A panic must not cross into Node; the socket's next call names what is wrong.
    let _ = catch_unwind(AssertUnwindSafe(|| (context.on_wake)()));
}

unsafe extern "C" fn finalize(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: it runs once, after the last call, and the data is what `new` gave.
    let context = unsafe { Box::from_raw(data.cast::<Context>()) };
    context.slot.lock().take();
    let _ = catch_unwind(AssertUnwindSafe(|| drop(context)));
}
