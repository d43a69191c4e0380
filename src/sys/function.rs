//! Plain functions of JavaScript: few arguments in, one number out.
//!
//! napi-rs guards each call of what it exports against borrowing an object twice, by a lock and
//! allocations that cost as much as our own work. These borrow nothing of JavaScript's beyond
//! the call, so they are made by Node-API itself.

use std::ffi::{CStr, c_void};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use napi::bindgen_prelude::*;
use napi::sys;

/// The most arguments of one.
const MOST: usize = 6;

/// What one does, and answers.
pub type Body = fn(&Arguments) -> i32;

/// What one was called with; those that were left out are `undefined`.
pub struct Arguments<'call> {
    env: sys::napi_env,
    values: [sys::napi_value; MOST],
    scope: PhantomData<&'call ()>,
}

impl Arguments<'_> {
    /// A number; 0 where it is none, as JavaScript's own conversion has it.
    pub fn number(&self, index: usize) -> i32 {
        let mut number = 0;
        // SAFETY: the value belongs to this call's scope, and the out pointer is a local; what is
        // no number is answered by a status, and the local stays as it is.
        unsafe { sys::napi_get_value_int32(self.env, self.values[index], &raw mut number) };
        number
    }

    /// A number that is never negative. A payload may be longer than 32 bits count.
    pub fn count(&self, index: usize) -> usize {
        let mut count = 0;
        // SAFETY: as in `number`.
        unsafe { sys::napi_get_value_int64(self.env, self.values[index], &raw mut count) };
        usize::try_from(count).unwrap_or_default()
    }

    /// A number that names an object.
    pub fn slot(&self, index: usize) -> u32 {
        self.number(index) as u32
    }

    /// Anything.
    pub fn value(&self, index: usize) -> Unknown<'_> {
        // SAFETY: the value belongs to this call's scope, which outlives the arguments.
        unsafe { Unknown::from_raw_unchecked(self.env, self.values[index]) }
    }
}

/// An object with a function for each name.
pub fn object(env: Env, functions: &[(&CStr, Body)]) -> Result<Object<'static>> {
    let mut made = ptr::null_mut();
    // SAFETY: called from JavaScript, so the environment is alive and a scope is open; the out
    // pointer is a local.
    check(unsafe { sys::napi_create_object(env.raw(), &raw mut made) })?;
    for (name, body) in functions {
        let mut function = ptr::null_mut();
        // SAFETY: as above; the name ends with a zero byte and is as long as said, and the data is
        // a function, which lives as long as the program.
        unsafe {
            check(sys::napi_create_function(
                env.raw(),
                name.as_ptr(),
                name.count_bytes() as isize,
                Some(call),
                *body as *mut c_void,
                &raw mut function,
            ))?;
            check(sys::napi_set_named_property(env.raw(), made, name.as_ptr(), function))?;
        }
    }
    Ok(Object::from_raw(env.raw(), made))
}

unsafe extern "C" fn call(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let (mut count, mut values, mut data) = (MOST, [ptr::null_mut(); MOST], ptr::null_mut());
    // SAFETY: Node-API calls this with a live environment and the info of this call; there is room
    // for as many values as said, and it fills those that were left out.
    let status = unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &raw mut count,
            values.as_mut_ptr(),
            ptr::null_mut(),
            &raw mut data,
        )
    };
    if status != sys::Status::napi_ok {
        return ptr::null_mut();
    }
    // SAFETY: the data is the function that `object` gave.
    let body = unsafe { std::mem::transmute::<*mut c_void, Body>(data) };
    let arguments = Arguments { env, values, scope: PhantomData };
    let mut answer = ptr::null_mut();
    // A panic must not cross into Node.
    match catch_unwind(AssertUnwindSafe(|| body(&arguments))) {
        // SAFETY: as above; the out pointer is a local.
        Ok(number) => unsafe { sys::napi_create_int32(env, number, &raw mut answer) },
        // SAFETY: as above; the message ends with a zero byte.
        Err(_) => unsafe { sys::napi_throw_error(env, ptr::null(), PANICKED.as_ptr()) },
    };
    answer
}

const PANICKED: &CStr = c"fd-conduit met a state that it thought impossible";

fn check(status: sys::napi_status) -> Result<()> {
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    Err(Error::new(Status::from(status), "fd-conduit could not make its functions".to_owned()))
}
