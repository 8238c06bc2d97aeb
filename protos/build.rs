//! Generates wire types and gRPC stubs from the descriptor set that `temporalio-protos` publishes.

use std::{env, fs, path::PathBuf};

use prost::Message;
use prost_types::FileDescriptorSet;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let source = env::var("DEP_TEMPORALIO_PROTOS_DESCRIPTOR_PATH")?;
    println!("cargo:rerun-if-changed={source}");
    println!("cargo:rerun-if-changed=build.rs");
    let encoded = fs::read(&source)?;
    // `python_modules.py` looks for this copy in our own OUT_DIR, which cargo reports.
    fs::write(
        PathBuf::from(env::var("OUT_DIR")?).join("descriptors.bin"),
        &encoded,
    )?;

    let mut descriptors = FileDescriptorSet::decode(encoded.as_slice())?;
    // The runtime speaks the server's contract; the SDK's own internal messages are not part of it.
    descriptors
        .file
        .retain(|file| !file.package().starts_with("coresdk"));

    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        // A server of ours answers some calls; the rest come back as unimplemented.
        .generate_default_stubs(true)
        // Payload data stays a slice of the gRPC frame that it came in.
        .bytes(".temporal.api.common.v1.Payload")
        .bytes(".temporal.api.workflowservice.v1")
        // Unboxed, each event were as large as the largest kind: 2 KiB to move and to keep.
        .boxed(".temporal.api.history.v1.HistoryEvent.attributes")
        .boxed(".temporal.api.command.v1.Command.attributes")
        .include_file("packages.rs")
        .compile_fds(descriptors)?;
    Ok(())
}
