//! Lets the linker leave the `napi_*` functions to the Node that loads the binary.

fn main() {
    napi_build::setup();
}
