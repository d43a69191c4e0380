//! Typed arrays of JavaScript, borrowed for the length of one call.
//!
//! napi-rs's own argument types keep a reference to what they were given, or say nothing of its
//! kind; here a view is looked up anew at every call and never outlives it.

use std::io::IoSliceMut;
use std::ptr;

use napi::bindgen_prelude::*;
use napi::sys;

/// A `Uint8Array` argument (a `Buffer` is one), looked up when it is asked for its bytes.
pub type ByteArray<'a> = Unknown<'a>;

/// Lends the bytes of a `Uint8Array` to `work`. `None` where `value` is something else.
pub fn with_bytes<T>(value: &ByteArray, work: impl FnOnce(&mut [u8]) -> T) -> Option<T> {
    let (data, length) = view(value, sys::TypedarrayType::uint8_array)?;
    if length == 0 {
        return Some(work(&mut []));
    }
    // SAFETY: Node-API has just named the view's memory and length; a detached view has length 0.
    // No JavaScript runs until `work` returns, so the memory neither moves nor shrinks. Another
    // thread may write to a SharedArrayBuffer: bytes have no invalid value.
    Some(work(unsafe { std::slice::from_raw_parts_mut(data.cast::<u8>(), length) }))
}

/// What one system call takes (`IOV_MAX`).
const MOST_BUFFERS: u32 = 1024;

/// Lends the bytes of each `Uint8Array` of an array to `work`. `None` where one is something else,
/// or there are too many. Looking them up may run JavaScript: nothing else may be lent meanwhile.
pub fn with_many<T>(value: &Unknown, work: impl FnOnce(&mut [IoSliceMut<'_>]) -> T) -> Option<T> {
    let raw = value.value();
    let mut length = 0;
    // SAFETY: the value belongs to this call's scope, and the out pointer is a local.
    let status = unsafe { sys::napi_get_array_length(raw.env, raw.value, &raw mut length) };
    if status != sys::Status::napi_ok || length > MOST_BUFFERS {
        return None;
    }
    let mut buffers = Vec::with_capacity(length as usize);
    for index in 0..length {
        let mut element = ptr::null_mut();
        // SAFETY: as above. An element that a getter answers may run JavaScript; what was looked
        // up before it is looked up again below, after the last.
        let status = unsafe { sys::napi_get_element(raw.env, raw.value, index, &raw mut element) };
        if status != sys::Status::napi_ok {
            return None;
        }
        buffers.push(element);
    }
    let mut slices = Vec::with_capacity(buffers.len());
    for element in buffers {
        // SAFETY: the value was answered in this call's scope.
        let element = unsafe { Unknown::from_raw_unchecked(raw.env, element) };
        let (data, length) = view(&element, sys::TypedarrayType::uint8_array)?;
        let data = if length == 0 { ptr::dangling_mut() } else { data.cast::<u8>() };
        // SAFETY: as in `with_bytes`. Two views may overlap: the slices are only handed to the
        // kernel, and nothing here reads or writes through them.
        slices.push(IoSliceMut::new(unsafe { std::slice::from_raw_parts_mut(data, length) }));
    }
    Some(work(&mut slices))
}

/// Lends the elements of an `Int32Array` to `work`. `None` where `value` is something else.
pub fn with_words<T>(value: &Unknown, work: impl FnOnce(&mut [i32]) -> T) -> Option<T> {
    let (data, length) = view(value, sys::TypedarrayType::int32_array)?;
    if length == 0 {
        return Some(work(&mut []));
    }
    // SAFETY: as above; an Int32Array is aligned for its elements.
    Some(work(unsafe { std::slice::from_raw_parts_mut(data.cast::<i32>(), length) }))
}

fn view(value: &Unknown, wanted: i32) -> Option<(*mut std::ffi::c_void, usize)> {
    let raw = value.value();
    let (mut kind, mut length, mut data) = (0, 0, ptr::null_mut());
    // SAFETY: the value belongs to this call's scope; every out pointer is a local or null, which
    // Node-API takes as "not asked for". A value of another kind is answered by a status.
    let status = unsafe {
        sys::napi_get_typedarray_info(
            raw.env,
            raw.value,
            &raw mut kind,
            &raw mut length,
            &raw mut data,
            ptr::null_mut(),
            ptr::null_mut(),
        )
    };
    (status == sys::Status::napi_ok && kind == wanted).then_some((data, length))
}
