//! Where config vars come from, beside the process environment.

mod env_file;
