//! Finding the way in a report: items by number and place, what is below them, what they point at.

use super::code::Code;
use super::model::{Content, Item, ItemId, Reference, Relationship, Report};

impl Report {
    /// An item; `None` for a number of another report.
    pub fn get(&self, id: ItemId) -> Option<&Item> {
        self.items.get(id.index())
    }

    /// All items with their numbers, in reading order.
    pub fn items(&self) -> impl Iterator<Item = (ItemId, &Item)> {
        (0..).map(ItemId).zip(&self.items)
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// A report has its title at least, so this is never true of one that was read.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The name of the root: the title of the document.
    pub fn title(&self) -> Option<&Code> {
        self.get(ItemId::ROOT)?.name.as_ref()
    }

    /// The items right below one, in order.
    pub fn children(&self, id: ItemId) -> impl Iterator<Item = (ItemId, &Item)> {
        let children = self.get(id).map(|item| item.children.as_slice()).unwrap_or_default();
        children.iter().filter_map(|child| Some((*child, self.get(*child)?)))
    }

    /// The children with a relationship, by-reference ones as the items they stand for.
    pub fn related<'a>(
        &'a self,
        id: ItemId,
        relationship: &'a Relationship,
    ) -> impl Iterator<Item = (ItemId, &'a Item)> {
        self.children(id)
            .filter(move |(_, item)| item.relationship.as_ref() == Some(relationship))
            .filter_map(|(child, _)| self.resolve(child))
    }

    /// An item itself, or the one it stands for; `None` where a reference leads nowhere.
    pub fn resolve(&self, id: ItemId) -> Option<(ItemId, &Item)> {
        let item = self.get(id)?;
        match &item.content {
            // Targets are never references themselves: reading has seen to that.
            Content::ByReference(reference) => {
                let target = reference.target?;
                Some((target, self.get(target)?))
            }
            _ => Some((id, item)),
        }
    }

    /// The item at a place: ordinals from the root on, which is 1.
    pub fn at(&self, path: &[u32]) -> Option<ItemId> {
        let (1, steps) = path.split_first().map(|(first, rest)| (*first, rest))? else { return None };
        let mut id = ItemId::ROOT;
        for step in steps {
            let place = usize::try_from(*step).ok()?.checked_sub(1)?;
            id = *self.get(id)?.children.get(place)?;
        }
        Some(id)
    }

    /// Where an item is: ordinals from the root on, as [`Self::at`] takes them.
    pub fn path(&self, id: ItemId) -> Vec<u32> {
        let mut path = Vec::new();
        let mut next = self.get(id);
        while let Some(item) = next {
            path.push(item.ordinal);
            // Parents come before their children, so this ends.
            next = item.parent.and_then(|parent| self.get(parent));
        }
        path.reverse();
        path
    }

    /// The objects a region or points in time are selected from, in their children by value or by reference.
    pub fn selected_from(&self, id: ItemId) -> Vec<&Reference> {
        self.related(id, &Relationship::SelectedFrom)
            .flat_map(|(_, item)| item.content.references())
            .collect()
    }

    /// Everything below an item, itself first.
    pub fn below(&self, id: ItemId) -> impl Iterator<Item = (ItemId, &Item)> {
        let mut open = vec![id];
        std::iter::from_fn(move || {
            let id = open.pop()?;
            let item = self.get(id)?;
            open.extend(item.children.iter().rev());
            Some((id, item))
        })
    }
}
