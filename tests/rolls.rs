//! What must hold whatever a source goes through: the property of the fuzz target `rolls`, on generated scripts.

#[path = "../fuzz/rolls.rs"]
mod rolls;

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_live_keeps_its_promises(script in prop::collection::vec(any::<u8>(), 0..80)) {
        rolls::follow(&script);
    }
}
