//! [`Search`]: the config vars that the passes look up, and the faults that they have found so far.

use super::aliases::aliases;
use super::names::Level;
use super::shape::{FieldShape, StructShape};
use super::stand_in::{STAND_INS, StandIn};
use crate::error::{Error, Fault};
use crate::list::mapped;
use crate::snapshot::{ConfigValue, ConfigVars, Var};
use crate::sorted::{find_place, first_equals};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};

/// The config vars that are looked up, and the faults that the passes have found.
///
/// A field is known by its path: its index, after those of the fields that it is within.
pub(super) struct Search<'v> {
    pub(super) vars: &'v ConfigVars,
    /// The entries of all maps in the app's struct.
    maps: Vec<MapEntries<'v>>,
    /// Sorted by the path of the field.
    found: RefCell<Vec<FieldFault>>,
    /// Structs that must be read although none of their config vars is set.
    required: RefCell<Vec<Vec<usize>>>,
    /// Whether the current pass has found something that the next pass can continue from.
    pub(super) is_news: Cell<bool>,
    /// The path of the field that is being read, and its config var; empty if there is none.
    reading: RefCell<(Vec<usize>, String)>,
}

/// The config vars of a map.
pub(super) struct MapEntries<'v> {
    level: Level,
    /// The keys, and the config vars.
    pub(super) all: Vec<(String, &'v Var)>,
    /// The index of the first entry with the same key, for each entry.
    pub(super) firsts: Vec<usize>,
    /// The index of the entry at which the last pass ended.
    pub(super) last_fault: Cell<Option<usize>>,
}

/// A field at fault.
struct FieldFault {
    path: Vec<usize>,
    error: Error,
    /// The index of the stand-in that is tried for it.
    stand_in: usize,
}

impl<'v> MapEntries<'v> {
    /// Finds the config vars of a map, by the names that its entries have in it: those that begin with the map's name, are
    /// set, and belong to no other field.
    fn of(vars: &'v ConfigVars, (top, node): (&Level, &StructShape), level: Level) -> Self {
        vars.note_all();
        let mut all = Vec::new();
        for var in vars.as_slice() {
            let Some(rest) = level.rest(&var.name) else {
                continue;
            };
            if top.has_other(node, &level, &var.name) {
                continue;
            }
            vars.note_found(&var.name);
            if !var.value.is_empty() {
                all.push((rest.to_ascii_lowercase(), var));
            }
        }
        let firsts = first_equals(all.len(), &|one, other| all[one].0.cmp(&all[other].0));
        Self {
            level,
            all,
            firsts,
            last_fault: Cell::default(),
        }
    }
}

impl<'v> Search<'v> {
    pub(super) fn new(vars: &'v ConfigVars) -> Self {
        Self {
            vars,
            maps: Vec::new(),
            found: RefCell::default(),
            required: RefCell::default(),
            is_news: Cell::default(),
            reading: RefCell::default(),
        }
    }

    /// Finds the entries of all maps in a struct. `top` is the app's own struct.
    pub(super) fn find_maps(&mut self, top: (&Level, &StructShape), level: &Level, node: &StructShape) {
        for (index, shape) in node.shapes.iter().enumerate() {
            let field = node.fields[index];
            match shape {
                FieldShape::Plain => {}
                FieldShape::Map => self
                    .maps
                    .push(MapEntries::of(self.vars, top, level.within(field))),
                FieldShape::Struct(inner) => {
                    self.find_maps(top, &level.of_struct(field, inner.is_flat), inner);
                }
            }
        }
    }

    /// Returns whether a config var is set, and not empty.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.vars.look_up(name).is_some_and(|value| !value.is_empty())
    }

    /// Returns the config var that a field is read from: the one with the field's name if that is set, or else the name in
    /// upper case.
    pub(super) fn var_name<'f>(&self, level: &Level, field: &'f str) -> Cow<'f, str> {
        let exact = level.exact(field);
        match self.vars.look_up(&exact) {
            Some(_) => exact,
            None => Cow::Owned(level.upper(field)),
        }
    }

    /// Returns the config vars of the map in a field.
    pub(super) fn entries(&self, level: &Level, field: &str) -> &MapEntries<'v> {
        let within = level.within(field);
        let mut index = 0;
        while self.maps[index].level != within {
            index += 1;
        }
        &self.maps[index]
    }

    /// Returns whether a config var of a struct is set.
    pub(super) fn has_any(&self, level: &Level, node: &StructShape) -> bool {
        node.any_field(&|field, shape| match shape {
            FieldShape::Plain => self.is_set(&self.var_name(level, field)),
            FieldShape::Map => !self.entries(level, field).all.is_empty(),
            FieldShape::Struct(inner) => self.has_any(&level.of_struct(field, inner.is_flat), inner),
        })
    }

    /// Records a fault, unless the field had one before.
    pub(super) fn note(&self, path: &[usize], error: Error) {
        if let Err(place) = self.place(path) {
            let fault = FieldFault {
                path: path.to_vec(),
                error,
                stand_in: 0,
            };
            self.found.borrow_mut().insert(place, fault);
            self.is_news.set(true);
        }
    }

    /// Records that a struct must be read although none of its config vars is set.
    pub(super) fn require(&self, path: &[usize]) {
        if !self.is_required(path) {
            self.required.borrow_mut().push(path.to_vec());
            self.is_news.set(true);
        }
    }

    pub(super) fn is_required(&self, path: &[usize]) -> bool {
        self.required.borrow().iter().any(|known| known == path)
    }

    pub(super) fn is_at_fault(&self, path: &[usize]) -> bool {
        self.place(path).is_ok()
    }

    /// Returns the index of a field's fault, or the one where it would be inserted.
    fn place(&self, path: &[usize]) -> Result<usize, usize> {
        let found = self.found.borrow();
        find_place(found.len(), &|index| (*found[index].path).cmp(path))
    }

    /// Returns whether there is a fault in a struct.
    pub(super) fn has_fault_within(&self, path: &[usize]) -> bool {
        let (Ok(place) | Err(place)) = self.place(path);
        let found = self.found.borrow();
        found.get(place).is_some_and(|fault| fault.path.starts_with(path))
    }

    pub(super) fn has_no_faults(&self) -> bool {
        self.found.borrow().is_empty()
    }

    pub(super) fn stand_in(&self, path: &[usize]) -> Option<StandIn> {
        let place = self.place(path).ok()?;
        Some(StandIn {
            text: STAND_INS.get(self.found.borrow()[place].stand_in)?,
        })
    }

    /// Records that a field is being read from a config var, or, without its name, from a stand-in.
    pub(super) fn begin(&self, path: &[usize], name: &str) {
        self.reading.replace((path.to_vec(), name.to_owned()));
    }

    pub(super) fn end(&self) {
        self.reading.take();
    }

    /// Records a panic of the app's own code. Returns whether the next pass can do without what it panicked at.
    pub(super) fn note_panic(&self) -> bool {
        let (path, name) = self.reading.take();
        match self.is_at_fault(&path) {
            true => self.next_stand_in(&path),
            false if path.is_empty() => return !self.has_no_faults(),
            false => self.note(&path, Error::new(Fault::TypePanicked).for_known_var(&name)),
        }
        true
    }

    /// Records that a stand-in was rejected, so that the next pass tries another.
    pub(super) fn next_stand_in(&self, path: &[usize]) {
        if let Ok(place) = self.place(path) {
            // If none is left, the field is treated as missing, which reveals what is missing before it.
            self.found.borrow_mut()[place].stand_in += 1;
            self.is_news.set(true);
        }
    }

    /// Returns the error for a field that the struct has no value for.
    pub(super) fn missing(&self, level: &Level, field: &str) -> Error {
        let (exact, upper) = (level.exact(field), level.upper(field));
        let is_left_out = |name: &str| self.vars.find_left_out(name).is_some();
        let error = match self.vars.look_up(&exact).or_else(|| self.vars.look_up(&upper)) {
            Some(value) if value.is_empty() => Error::new(Fault::Empty),
            _ if *exact == upper || is_left_out(&upper) => self.vars.missing(&upper),
            _ if is_left_out(&exact) => self.vars.missing(&exact),
            _ => Error::new(Fault::NotFound).with_candidates(&[(&upper, None), (&exact, None)]),
        };
        error.for_known_var(&self.var_name(level, field))
    }

    /// Returns one error with all faults, in the order of the fields.
    pub(super) fn into_error<T: DeserializeOwned>(self, prefix: &str, node: &StructShape) -> Error {
        let found = self.found.take();
        if found.is_empty() {
            return Error::new(Fault::Rejected);
        }
        let with_aliases = |FieldFault { path, error, .. }| match error.fault() {
            Fault::NotFound | Fault::Missing => {
                let level = Level::of(prefix, node, &path);
                self.missing_aliases(&level, &aliases::<T>(node, &path), error)
            }
            _ => error,
        };
        Error::all(found.into_iter().map(with_aliases).collect())
    }

    /// Returns the error for a field that is missing under all of its names.
    fn missing_aliases(&self, level: &Level, names: &[&'static str], error: Error) -> Error {
        let [_, _, ..] = names else { return error };
        let mut looked_for: Vec<Cow<'_, str>> = Vec::new();
        let mut add = |name: Cow<'static, str>| {
            if !looked_for.contains(&name) {
                looked_for.push(name);
            }
        };
        for name in names {
            add(self.var_name(level, name));
            add(level.exact(name));
        }
        for name in &looked_for {
            if self.vars.look_up(name).is_some_and(ConfigValue::is_empty) {
                return Error::new(Fault::Empty).for_known_var(name);
            }
        }
        let candidates = mapped(&looked_for, |name| (&**name, None));
        error.with_fault(Fault::NotFound).with_candidates(&candidates)
    }
}
