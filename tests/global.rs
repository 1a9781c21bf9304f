//! The process-wide instance. One test in a binary of its own, for there is one instance a process.

use config_vars::{ConfigVars, Error, ExposeSecret, global, global_with};

#[test]
fn it_is_made_once_and_may_fail_before() {
    let missing = || {
        let vars = ConfigVars::default();
        vars.require("PORT")?;
        Ok::<_, Error>(vars)
    };
    let error = global_with(missing).unwrap_err();
    assert_eq!(error.var(), Some("PORT"));

    let ready = || Ok::<_, Error>(ConfigVars::from_iter([("PORT", "8080")]));
    let vars = global_with(ready).unwrap();
    assert_eq!(vars.require("PORT").unwrap().expose_secret(), "8080");

    // From now on everybody gets this one.
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(|| global().unwrap())).collect();
    for thread in threads {
        assert!(std::ptr::eq(thread.join().unwrap(), vars));
    }
    assert!(global_with(missing).is_ok());
}
