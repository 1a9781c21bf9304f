//! The process-wide instance. One test in a binary of its own, for there is one instance a process.

use config_vars::{
    ConfigVars, Error, ErrorKind, ExposeSecret, global, global_live, global_live_with, global_with,
};

#[test]
fn it_is_made_once_and_may_fail_before() {
    let missing = || {
        let vars = ConfigVars::default();
        vars.require("PORT")?;
        Ok::<_, Error>(vars)
    };
    let error = global_with(missing).unwrap_err();
    assert_eq!(error.var(), Some("PORT"));

    // A closure that asks for what it is to make gets an error, and does not wait for itself.
    let reentrant: [fn() -> Result<ConfigVars, Error>; 3] = [
        || global().cloned(),
        || global_with(|| Ok::<_, Error>(ConfigVars::default())).cloned(),
        || global_with(|| Err(Error::custom("is not reached"))).cloned(),
    ];
    for init in reentrant {
        let error = global_with(init).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a closure that makes the instance of the process called `global` or `global_with`; it must work without \
             that instance"
        );
        assert_eq!(error.kind(), ErrorKind::Custom);
    }
    let error = global_live_with(|| global_live().cloned()).unwrap_err();
    assert!(error.to_string().contains("called `global_live` or"), "{error}");
    // One that panics is forgotten as well.
    let panicking =
        std::panic::catch_unwind(|| global_with(|| -> Result<ConfigVars, Error> { panic!("in a test") }));
    assert!(panicking.is_err());

    let ready = || Ok::<_, Error>(ConfigVars::from_iter([("PORT", "8080")]));
    let vars = global_with(ready).unwrap();
    assert_eq!(vars.require("PORT").unwrap().expose_secret(), "8080");

    // From now on everybody gets this one.
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(|| global().unwrap())).collect();
    for thread in threads {
        assert!(std::ptr::eq(thread.join().unwrap(), vars));
    }
    assert!(global_with(missing).is_ok());
    // The two instances are apart: one may be made of the other.
    let live = global_live_with(|| {
        let vars = global()?.clone();
        config_vars::Live::of_vars(move || Ok(vars.clone()))
    });
    assert_eq!(
        live.unwrap().load().require("PORT").unwrap().expose_secret(),
        "8080"
    );
}
