//! The public names of latchbox, pinned: one that comes, goes or moves changes `names.txt`.
//!
//! `LATCHBOX_WRITE=1 cargo test -p latchbox-check-source names` writes the file anew; the change of
//! it is then read and committed with the change of the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Fields, ImplItem, Item, TraitItem, Type, UseTree, Visibility};

/// How many names the root may have beside its modules, so that a newcomer can read them all.
const MOST_IN_THE_ROOT: usize = 20;

/// What a name has below it: variants, fields, constants, methods.
#[derive(Default)]
struct Names {
    /// Module, name in it.
    shown: BTreeMap<String, BTreeSet<String>>,
    /// Name of the item, names below it.
    below: BTreeMap<String, BTreeSet<String>>,
    /// Name of the item, its kind.
    kinds: BTreeMap<String, &'static str>,
}

#[test]
fn the_public_names_are_those_that_are_pinned() {
    let names = Names::of(&root());
    let in_the_root = names.shown["latchbox"].len();
    assert!(
        in_the_root <= MOST_IN_THE_ROOT,
        "the root has {in_the_root} names: {:?}",
        names.shown["latchbox"]
    );
    let list = names.list();
    let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("names/names.txt");
    if std::env::var_os("LATCHBOX_WRITE").is_some() {
        fs::write(&pinned, &list).unwrap();
    }
    let pinned = fs::read_to_string(&pinned).unwrap_or_default();
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (pinned.lines().collect(), list.lines().collect());
    assert!(
        pinned == list,
        "the public names changed; read this, and write the list anew as names/mod.rs says:\n\
         gone: {:#?}\ncame: {:#?}",
        old.difference(&new).collect::<Vec<_>>(),
        new.difference(&old).collect::<Vec<_>>()
    );
}

/// A name is public in one place: two paths to one item are one too many to choose from.
#[test]
fn a_public_name_has_one_path() {
    let names = Names::of(&root());
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (module, shown) in &names.shown {
        for name in shown {
            paths.entry(name).or_default().push(module);
        }
    }
    // As `std::io` has them: the module of errors without its error would be looked for in vain.
    let twice = |name: &str| matches!(name, "Error" | "Result");
    paths.retain(|name, modules| modules.len() > 1 && !twice(name));
    assert!(paths.is_empty(), "{paths:#?}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src")
}

impl Names {
    fn of(root: &Path) -> Self {
        let mut names = Self::default();
        names.face(root, &root.join("lib.rs"), "latchbox");
        names.everything(root);
        names
    }

    /// What a module shows: its own items, and what it re-exports.
    fn face(&mut self, root: &Path, file: &Path, module: &str) {
        let text = fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap();
        self.shown.entry(module.into()).or_default();
        self.items(root, file, module, &parsed.items);
    }

    fn items(&mut self, root: &Path, file: &Path, module: &str, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(import) if is_public(&import.vis) => {
                    let shown = self.shown.entry(module.into()).or_default();
                    leaves(&import.tree, shown);
                }
                Item::Mod(inner) if is_public(&inner.vis) && !is_hidden(&inner.attrs) => {
                    let name = format!("{module}::{}", inner.ident);
                    if let Some((_, items)) = &inner.content {
                        self.shown.entry(name.clone()).or_default();
                        self.items(root, file, &name, items);
                        continue;
                    }
                    let directory = match file.file_name().and_then(|name| name.to_str()) {
                        Some("lib.rs" | "mod.rs") => file.parent().unwrap().to_owned(),
                        _ => file.with_extension(""),
                    };
                    let flat = directory.join(format!("{}.rs", inner.ident));
                    let file = match flat.exists() {
                        true => flat,
                        false => directory.join(inner.ident.to_string()).join("mod.rs"),
                    };
                    self.face(root, &file, &name);
                }
                item => {
                    if let Some((name, _)) = public_item(item) {
                        self.shown.entry(module.into()).or_default().insert(name);
                    }
                }
            }
        }
    }

    /// What is below each public item, wherever it stands. A plain `pub` is reachable: the lint
    /// `unreachable_pub` sees to that.
    fn everything(&mut self, directory: &Path) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("fuzzing") {
                    self.everything(&path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let parsed = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
                self.below(&parsed.items);
            }
        }
    }

    fn below(&mut self, items: &[Item]) {
        for item in items {
            if let Some((name, kind)) = public_item(item) {
                self.kinds.insert(name, kind);
            }
            match item {
                Item::Enum(item) if is_public(&item.vis) => {
                    let below = self.below.entry(item.ident.to_string()).or_default();
                    below.extend(item.variants.iter().map(|variant| {
                        let fields = fields(&variant.fields, true);
                        match fields.is_empty() {
                            true => variant.ident.to_string(),
                            false => format!("{} {{ {} }}", variant.ident, fields.join(", ")),
                        }
                    }));
                }
                Item::Struct(item) if is_public(&item.vis) => {
                    let below = self.below.entry(item.ident.to_string()).or_default();
                    below.extend(fields(&item.fields, false));
                }
                Item::Trait(item) if is_public(&item.vis) => {
                    let below = self.below.entry(item.ident.to_string()).or_default();
                    below.extend(item.items.iter().filter_map(|item| match item {
                        TraitItem::Fn(item) if !is_hidden(&item.attrs) => {
                            Some(format!("{}()", item.sig.ident))
                        }
                        TraitItem::Type(item) => Some(item.ident.to_string()),
                        _ => None,
                    }));
                }
                Item::Impl(block) if block.trait_.is_none() => {
                    let Type::Path(path) = &*block.self_ty else {
                        continue;
                    };
                    let name = path.path.segments.last().unwrap().ident.to_string();
                    let methods = block.items.iter().filter_map(|item| match item {
                        ImplItem::Fn(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                            Some(format!("{}()", item.sig.ident))
                        }
                        ImplItem::Const(item) if is_public(&item.vis) => {
                            Some(item.ident.to_string())
                        }
                        _ => None,
                    });
                    self.below.entry(name).or_default().extend(methods);
                }
                Item::Mod(inner) if !inner.ident.to_string().ends_with("tests") => {
                    if let Some((_, items)) = &inner.content {
                        self.below(items);
                    }
                }
                _ => {}
            }
        }
    }

    fn list(&self) -> String {
        let mut list = String::new();
        for (module, shown) in &self.shown {
            writeln!(list, "mod {module}").unwrap();
            for name in shown {
                // What a macro makes has no kind here.
                let kind = self.kinds.get(name).copied().unwrap_or("item");
                writeln!(list, "  {kind} {name}").unwrap();
                for below in self.below.get(name).into_iter().flatten() {
                    writeln!(list, "    {name}::{below}").unwrap();
                }
            }
        }
        list
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "hidden")
    })
}

fn public_item(item: &Item) -> Option<(String, &'static str)> {
    let (visibility, name, kind) = match item {
        Item::Struct(item) => (&item.vis, &item.ident, "struct"),
        Item::Enum(item) => (&item.vis, &item.ident, "enum"),
        Item::Trait(item) => (&item.vis, &item.ident, "trait"),
        Item::Type(item) => (&item.vis, &item.ident, "type"),
        Item::Const(item) => (&item.vis, &item.ident, "const"),
        Item::Fn(item) => (&item.vis, &item.sig.ident, "fn"),
        _ => return None,
    };
    is_public(visibility).then(|| (name.to_string(), kind))
}

/// The names of fields: those of a variant are all public.
fn fields(fields: &Fields, all: bool) -> Vec<String> {
    let public = fields
        .iter()
        .filter(|field| (all || is_public(&field.vis)) && !is_hidden(&field.attrs));
    public
        .filter_map(|field| Some(field.ident.as_ref()?.to_string()))
        .collect()
}

/// The names that a `use` brings, by the name that it gives them.
fn leaves(tree: &UseTree, found: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, found),
        UseTree::Name(name) => drop(found.insert(name.ident.to_string())),
        UseTree::Rename(name) => drop(found.insert(name.rename.to_string())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, found)),
        UseTree::Glob(_) => drop(found.insert("*".into())),
    }
}
