//! The macro `faults!`: a table of faults, each with its kind and its message.

/// Declares an enum of faults and its method `kind`. Each group has the [`ErrorKind`](super::ErrorKind) of its faults; each row
/// is a variant and the arguments of thiserror's `#[error]`. The group `inner` has faults that know their own kind and message.
macro_rules! faults {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident;
        $($kind:ident {
            $($(#[$row_meta:meta])* $variant:ident $(($($item:tt)*))? $({$($field:tt)*})? => ($($message:tt)*);)*
        })*
        $(; inner {
            $($(#[$inner_meta:meta])* $inner:ident($inner_type:ty);)*
        })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, thiserror::Error)]
        $visibility enum $name {
            $($(
                $(#[$row_meta])*
                #[error($($message)*)]
                $variant $(($($item)*))? $({$($field)*})?,
            )*)*
            $($(
                $(#[$inner_meta])*
                #[error("{0}")]
                $inner($inner_type),
            )*)?
        }

        // By the message, because a derived impl has code for each variant. Faults are rarely compared, and shown in tests.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                std::mem::discriminant(self) == std::mem::discriminant(other) && self.to_string() == other.to_string()
            }
        }

        impl Eq for $name {}

        impl $name {
            pub(super) fn kind(self) -> ErrorKind {
                match self {
                    $($($(#[$row_meta])* Self::$variant { .. } => ErrorKind::$kind,)*)*
                    $($($(#[$inner_meta])* Self::$inner(fault) => fault.kind(),)*)?
                }
            }
        }
    };
}
pub(super) use faults;
