//! The properties of the fuzz target `rolls`, which hold whatever happens to a source, on generated scripts.

#[path = "../../fuzz/rolls.rs"]
mod properties;

use crate::properties::cases;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(100), failure_persistence: None, max_shrink_iters: 100, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn live_keeps_its_promises(script in prop::collection::vec(any::<u8>(), 0..80)) {
        properties::follow(&script);
    }

    #[test]
    fn no_group_is_of_two_generations(script in prop::collection::vec(any::<u8>(), 0..80)) {
        properties::follow_groups(&script);
    }
}
