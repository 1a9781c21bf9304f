//! Writes the stored inputs of each target, one per file, as the initial corpus of cargo-fuzz. `tests/run fuzz` runs it.
//!
//! `cargo run --manifest-path fuzz/Cargo.toml --example seed_corpus FOLDER`

use config_vars_fuzz::TARGETS;
use std::fs;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let corpus = PathBuf::from(std::env::args_os().nth(1).expect("the folder"));
    for target in TARGETS {
        let folder = corpus.join(target.name);
        fs::create_dir_all(&folder)?;
        for (index, input) in target.kept().enumerate() {
            fs::write(folder.join(format!("kept-{index}")), input)?;
        }
    }
    Ok(())
}
