//! `global`: one snapshot of the process environment for all threads.

use config_vars::{ConfigVars, global};

#[test]
fn all_threads_share_one_snapshot_of_the_environment() {
    let vars = global().unwrap();
    let from_env = ConfigVars::from_env();
    let names = |vars: &ConfigVars| vars.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(vars), names(&from_env));
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(|| global().unwrap())).collect();
    for thread in threads {
        assert!(std::ptr::eq(thread.join().unwrap(), vars));
    }
}
