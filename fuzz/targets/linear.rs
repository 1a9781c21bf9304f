#![cfg_attr(fuzzing, no_main)]

config_vars_fuzz::target!("linear");
