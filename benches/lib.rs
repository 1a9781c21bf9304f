//! Benches of config-vars, in a package of their own so that what they measure with burdens nobody else.
