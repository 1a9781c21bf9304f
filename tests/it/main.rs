//! The integration tests that need no server, as one program. A test that concerns the whole process has a file of its
//! own beside this folder.

mod async_live;
mod attachments;
mod autotraits;
mod corpus;
mod drivers;
mod env_file;
mod errors;
mod extract;
mod figment;
mod floors;
mod live;
mod live_files;
mod manifest;
mod mongo;
mod parts;
mod peers_faults;
mod peers_rolls;
mod properties;
mod redaction;
#[cfg(unix)]
mod remembered;
mod retry;
mod rolls;
mod sources;
mod sso;
#[cfg(feature = "test-util")]
mod status;
mod surroundings;
mod typed;
mod url;
mod util;
mod vars;
mod vcap;
mod watch;
mod wire;

/// The properties that the fuzz targets check.
#[path = "../../fuzz/properties.rs"]
#[allow(dead_code, reason = "the fuzz targets use the rest")]
mod fuzz_properties;
