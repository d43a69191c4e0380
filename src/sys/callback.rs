//! A JavaScript function that is called from the event loop, outside any JavaScript.

use std::cell::Cell;
use std::ffi::CStr;
use std::ptr;

use napi::sys;
use napi::{Env, Error, JsValue, Result, Status, Unknown};

/// The name under which async hooks see our wake-ups.
pub const RESOURCE: &CStr = c"fd-conduit";

/// A function of one environment, kept until [`Callback::close`].
pub struct Callback {
    env: sys::napi_env,
    context: Cell<sys::napi_async_context>,
    function: Cell<sys::napi_ref>,
}

impl Callback {
    /// Keeps `function` to be called with two numbers; with an async context of its own, where
    /// the runtime has such. (Deno ends the process when one is given back at its end.)
    pub fn new(env: Env, function: &Unknown, with_context: bool) -> Result<Self> {
        let env = env.raw();
        let (mut name, mut context, mut reference) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: called from JavaScript, so the environment is alive and a scope is open; all
        // out pointers are locals, and the name is as long as said.
        unsafe {
            check(sys::napi_create_string_utf8(
                env,
                RESOURCE.as_ptr(),
                RESOURCE.count_bytes() as isize,
                &raw mut name,
            ))?;
            check(sys::napi_create_reference(env, function.value().value, 1, &raw mut reference))?;
            if with_context {
                check(sys::napi_async_init(env, ptr::null_mut(), name, &raw mut context))?;
            }
        }
        Ok(Self { env, context: Cell::new(context), function: Cell::new(reference) })
    }

    /// Calls the function and answers the number it returned. `None` where it threw (that is
    /// then an `uncaughtException`) or where JavaScript cannot run any more.
    pub fn call(&self, first: u32, second: i32) -> Option<i32> {
        if self.function.get().is_null() {
            return None;
        }
        let mut scope = ptr::null_mut();
        // SAFETY: the environment is alive until `close` has run, which made `function` null;
        // every value lives in the scope opened here.
        unsafe {
            if sys::napi_open_handle_scope(self.env, &raw mut scope) != sys::Status::napi_ok {
                return None;
            }
            let answer = self.call_in_scope(first, second);
            if answer.is_none() {
                self.report_exception();
            }
            sys::napi_close_handle_scope(self.env, scope);
            answer
        }
    }

    /// # Safety
    /// The environment is alive and a handle scope is open.
    unsafe fn call_in_scope(&self, first: u32, second: i32) -> Option<i32> {
        let (mut function, mut global, mut answer) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        let mut arguments = [ptr::null_mut(); 2];
        let mut number = 0;
        // SAFETY: by this function's contract; all out pointers are locals, and the arguments are
        // as many as said.
        unsafe {
            let (env, context) = (self.env, self.context.get());
            ok(sys::napi_get_reference_value(env, self.function.get(), &raw mut function))?;
            ok(sys::napi_get_global(env, &raw mut global))?;
            ok(sys::napi_create_uint32(env, first, &raw mut arguments[0]))?;
            ok(sys::napi_create_int32(env, second, &raw mut arguments[1]))?;
            ok(sys::napi_make_callback(
                env,
                context,
                global,
                function,
                arguments.len(),
                arguments.as_ptr(),
                &raw mut answer,
            ))?;
            ok(sys::napi_get_value_int32(env, answer, &raw mut number))?;
        }
        Some(number)
    }

    /// An exception that stays pending would come up in some later, unrelated native call.
    ///
    /// # Safety
    /// The environment is alive and a handle scope is open.
    unsafe fn report_exception(&self) {
        let (mut pending, mut exception) = (false, ptr::null_mut());
        // SAFETY: by this function's contract; out pointers are locals.
        unsafe {
            let asked = sys::napi_is_exception_pending(self.env, &raw mut pending);
            if asked == sys::Status::napi_ok && pending {
                let taken = sys::napi_get_and_clear_last_exception(self.env, &raw mut exception);
                if taken == sys::Status::napi_ok {
                    sys::napi_fatal_exception(self.env, exception);
                }
            }
        }
    }

    /// Gives the function back; the environment is about to end.
    pub fn close(&self) {
        let function = self.function.replace(ptr::null_mut());
        let context = self.context.replace(ptr::null_mut());
        if !function.is_null() {
            // SAFETY: both were made by `new` in this environment, which is still alive, and the
            // cells are empty from now on.
            unsafe {
                sys::napi_delete_reference(self.env, function);
                if !context.is_null() {
                    sys::napi_async_destroy(self.env, context);
                }
            }
        }
    }
}

fn ok(status: sys::napi_status) -> Option<()> {
    (status == sys::Status::napi_ok).then_some(())
}

fn check(status: sys::napi_status) -> Result<()> {
    ok(status).ok_or_else(|| {
        Error::new(Status::from(status), "fd-conduit could not register its callback".to_owned())
    })
}
