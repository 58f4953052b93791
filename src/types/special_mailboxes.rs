//! The mailboxes with a special use: by the attributes that a server reports, otherwise by the
//! names that mail programs use in the languages of their users.

use crate::types::list::ListEntry;
use crate::types::special_use::SpecialUse;
use std::fmt;

/// The mailboxes of an account that have a special use, each with the way it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecialMailboxes {
    found: Vec<SpecialMailbox>,
}

/// A mailbox that has a special use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialMailbox {
    special_use: SpecialUse,
    mailbox: ListEntry,
    found_by: FoundBy,
}

/// The way in which the special use of a mailbox is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FoundBy {
    /// By an attribute that the server reported.
    Attribute,
    /// By a name that mail programs use for such mailboxes; the server reported no use.
    Name,
}

impl SpecialMailboxes {
    /// Searches a listing. Names count at the top level, below INBOX, and below these prefixes.
    pub(crate) fn among(entries: &[ListEntry], prefixes: &[&str]) -> Self {
        let mut found = Vec::new();
        for mailbox in entries.iter().filter(|entry| entry.is_selectable()) {
            found.extend(mailbox.special_uses().map(|special_use| SpecialMailbox {
                special_use,
                mailbox: mailbox.clone(),
                found_by: FoundBy::Attribute,
            }));
        }
        for (special_use, names) in NAMES {
            if !found
                .iter()
                .any(|mailbox| mailbox.special_use == special_use)
            {
                found.extend(
                    by_name(entries, prefixes, names).map(|mailbox| SpecialMailbox {
                        special_use,
                        mailbox: mailbox.clone(),
                        found_by: FoundBy::Name,
                    }),
                );
            }
        }
        Self { found }
    }

    /// The mailbox for this use; the first of several in the listing.
    #[must_use]
    pub fn get(&self, special_use: SpecialUse) -> Option<&SpecialMailbox> {
        self.found
            .iter()
            .find(|mailbox| mailbox.special_use == special_use)
    }

    /// All mailboxes with a special use; one that has several uses occurs several times.
    pub fn iter(&self) -> impl Iterator<Item = &SpecialMailbox> {
        self.found.iter()
    }

    /// Whether there is a mailbox for each use that can also be found by name.
    pub(crate) fn is_complete(&self) -> bool {
        NAMES
            .iter()
            .all(|(special_use, _)| self.get(*special_use).is_some())
    }
}

impl SpecialMailbox {
    /// The special use of the mailbox.
    #[must_use]
    pub fn special_use(&self) -> SpecialUse {
        self.special_use
    }

    /// The mailbox.
    #[must_use]
    pub fn mailbox(&self) -> &ListEntry {
        &self.mailbox
    }

    /// Whether the server reported the use, or it was derived from the name.
    #[must_use]
    pub fn found_by(&self) -> FoundBy {
        self.found_by
    }
}

/// The mailbox that has one of these names, of which earlier ones are preferred. A mailbox for
/// which the server reports another use is skipped.
fn by_name<'e>(
    entries: &'e [ListEntry],
    prefixes: &[&str],
    names: &[&str],
) -> Option<&'e ListEntry> {
    let candidates = entries.iter().filter(|entry| {
        entry.is_selectable() && !entry.name().is_inbox() && entry.special_use().is_none()
    });
    let ranked = candidates.filter_map(|entry| {
        let name = last_level(entry, prefixes)?.to_lowercase();
        let rank = names.iter().position(|known| *known == name)?;
        Some((rank, entry))
    });
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, entry)| entry)
}

/// The name without the prefix of all names of the account, if it is of one level then.
fn last_level<'e>(entry: &'e ListEntry, prefixes: &[&str]) -> Option<&'e str> {
    let name = entry.name().as_str();
    let Some(delimiter) = entry.delimiter() else {
        return Some(name);
    };
    let below_inbox = name
        .strip_prefix("INBOX")
        .and_then(|rest| rest.strip_prefix(delimiter));
    let stripped = prefixes.iter().filter(|prefix| !prefix.is_empty());
    let below = stripped.filter_map(|prefix| name.strip_prefix(prefix));
    let mut levels = [Some(name), below_inbox].into_iter().flatten().chain(below);
    levels.find(|level| !level.is_empty() && !level.contains(delimiter))
}

/// The names that mail programs and servers use for these mailboxes, in lower case; more common
/// ones first.
const NAMES: [(SpecialUse, &[&str]); 5] = [
    (SpecialUse::Archive, ARCHIVE),
    (SpecialUse::Drafts, DRAFTS),
    (SpecialUse::Junk, JUNK),
    (SpecialUse::Sent, SENT),
    (SpecialUse::Trash, TRASH),
];

const ARCHIVE: &[&str] = &[
    "archive",
    "archives",
    "archived",
    "all mail",
    "archiv",
    "archivo",
    "archivos",
    "archivio",
    "arquivo",
    "arquivo morto",
    "archief",
    "arkiv",
    "arkisto",
    "archiwum",
    "archív",
    "archívum",
    "arhivă",
    "arhiva",
    "архив",
    "архів",
    "архива",
    "αρχείο",
    "αρχειοθήκη",
    "arşiv",
    "ארכיון",
    "أرشيف",
    "الأرشيف",
    "アーカイブ",
    "보관함",
    "归档",
    "存档",
    "封存",
    "lưu trữ",
    "arsip",
    "เก็บถาวร",
];

const DRAFTS: &[&str] = &[
    "drafts",
    "draft",
    "entwürfe",
    "entwurf",
    "brouillons",
    "brouillon",
    "borradores",
    "borrador",
    "bozze",
    "bozza",
    "rascunhos",
    "rascunho",
    "concepten",
    "klad",
    "utkast",
    "kladder",
    "kladde",
    "luonnokset",
    "wersje robocze",
    "kopie robocze",
    "szkice",
    "koncepty",
    "rozepsané",
    "rozpísané",
    "piszkozatok",
    "vázlatok",
    "ciorne",
    "schițe",
    "черновики",
    "чернетки",
    "чернови",
    "нацрти",
    "nacrti",
    "skice",
    "osnutki",
    "juodraščiai",
    "melnraksti",
    "mustandid",
    "πρόχειρα",
    "taslaklar",
    "esborranys",
    "zirriborroak",
    "borradoiros",
    "drög",
    "טיוטות",
    "مسودات",
    "المسودات",
    "پیش‌نویس‌ها",
    "ड्राफ़्ट",
    "下書き",
    "임시 보관함",
    "임시보관함",
    "草稿",
    "草稿箱",
    "草稿夾",
    "thư nháp",
    "nháp",
    "konsep",
    "draf",
    "ฉบับร่าง",
];

const JUNK: &[&str] = &[
    "junk",
    "spam",
    "junk e-mail",
    "junk email",
    "junk mail",
    "bulk mail",
    "bulk",
    "unerwünscht",
    "spamverdacht",
    "junk-e-mail",
    "courrier indésirable",
    "indésirables",
    "pourriel",
    "correo no deseado",
    "correo basura",
    "no deseado",
    "posta indesiderata",
    "indesiderata",
    "lixo eletrónico",
    "lixo eletrônico",
    "lixo electrónico",
    "ongewenste e-mail",
    "ongewenst",
    "skräppost",
    "skräp",
    "uønsket e-post",
    "søppelpost",
    "uønsket mail",
    "uønsket post",
    "roskaposti",
    "wiadomości-śmieci",
    "niechciane",
    "nevyžádaná pošta",
    "nevyžiadaná pošta",
    "levélszemét",
    "mesaje nedorite",
    "нежелательная почта",
    "спам",
    "небажана пошта",
    "нежелана поща",
    "neželjena pošta",
    "neželena pošta",
    "brukalas",
    "mēstules",
    "rämpspost",
    "ανεπιθύμητα",
    "ανεπιθύμητη αλληλογραφία",
    "gereksiz",
    "istenmeyen",
    "correu brossa",
    "דואר זבל",
    "זבל",
    "البريد غير الهام",
    "بريد غير مرغوب فيه",
    "迷惑メール",
    "스팸",
    "스팸메일함",
    "정크 메일",
    "垃圾邮件",
    "垃圾郵件",
    "垃圾信件匣",
    "thư rác",
    "sampah surat",
    "จดหมายขยะ",
];

const SENT: &[&str] = &[
    "sent",
    "sent items",
    "sent messages",
    "sent mail",
    "sent-mail",
    "gesendet",
    "gesendete objekte",
    "gesendete elemente",
    "gesendete nachrichten",
    "gesendete",
    "postausgang",
    "envoyés",
    "éléments envoyés",
    "messages envoyés",
    "objets envoyés",
    "enviados",
    "elementos enviados",
    "mensajes enviados",
    "correo enviado",
    "inviata",
    "posta inviata",
    "inviati",
    "messaggi inviati",
    "itens enviados",
    "mensagens enviadas",
    "verzonden",
    "verzonden items",
    "verzonden berichten",
    "skickat",
    "skickade objekt",
    "skickade",
    "sendt",
    "sendte elementer",
    "sendte",
    "sendt post",
    "lähetetyt",
    "lähetetyt viestit",
    "wysłane",
    "elementy wysłane",
    "odeslané",
    "odeslaná pošta",
    "odoslané",
    "odoslaná pošta",
    "elküldött",
    "elküldött elemek",
    "elküldött üzenetek",
    "trimise",
    "mesaje trimise",
    "elemente trimise",
    "отправленные",
    "надіслані",
    "відправлені",
    "изпратени",
    "послато",
    "poslano",
    "poslana pošta",
    "poslato",
    "išsiųsti",
    "nosūtītie",
    "saadetud",
    "απεσταλμένα",
    "gönderilmiş öğeler",
    "gönderilenler",
    "gönderilmiş",
    "enviats",
    "bidalitakoak",
    "sendur póstur",
    "דואר יוצא",
    "נשלחו",
    "פריטים שנשלחו",
    "المرسلة",
    "العناصر المرسلة",
    "البريد المرسل",
    "送信済み",
    "送信済みメール",
    "送信済みアイテム",
    "送信メール",
    "보낸 편지함",
    "보낸편지함",
    "보낸메일함",
    "已发送",
    "已发送邮件",
    "已寄出",
    "寄件備份",
    "寄件備份匣",
    "已傳送",
    "đã gửi",
    "thư đã gửi",
    "terkirim",
    "dihantar",
    "ส่งแล้ว",
    "รายการที่ถูกส่ง",
];

const TRASH: &[&str] = &[
    "trash",
    "deleted items",
    "deleted messages",
    "deleted",
    "bin",
    "trash can",
    "rubbish",
    "papierkorb",
    "gelöscht",
    "gelöschte objekte",
    "gelöschte elemente",
    "gelöschte nachrichten",
    "corbeille",
    "éléments supprimés",
    "messages supprimés",
    "supprimés",
    "papelera",
    "elementos eliminados",
    "mensajes eliminados",
    "eliminados",
    "papelera de reciclaje",
    "cestino",
    "posta eliminata",
    "eliminata",
    "messaggi eliminati",
    "lixo",
    "lixeira",
    "itens excluídos",
    "itens eliminados",
    "mensagens eliminadas",
    "prullenbak",
    "verwijderde items",
    "verwijderde berichten",
    "prullenmand",
    "papperskorgen",
    "papperskorg",
    "borttaget",
    "borttagna objekt",
    "papirkurv",
    "papirkurven",
    "slettede elementer",
    "slettet post",
    "søppel",
    "slettet",
    "roskakori",
    "poistetut",
    "poistetut viestit",
    "kosz",
    "elementy usunięte",
    "usunięte",
    "koš",
    "odstraněná pošta",
    "odstraněné",
    "kôš",
    "odstránené",
    "odstránená pošta",
    "kuka",
    "lomtár",
    "törölt elemek",
    "törölt",
    "coș de gunoi",
    "coș",
    "gunoi",
    "elemente șterse",
    "mesaje șterse",
    "корзина",
    "удаленные",
    "удалённые",
    "кошик",
    "видалені",
    "кошче",
    "изтрити",
    "смеће",
    "obrisano",
    "otpad",
    "smeće",
    "koš za smeti",
    "izbrisano",
    "šiukšlinė",
    "šiukšlės",
    "miskaste",
    "atkritne",
    "prügikast",
    "prügi",
    "κάδος",
    "κάδος απορριμμάτων",
    "διαγραμμένα",
    "απορρίμματα",
    "çöp",
    "çöp kutusu",
    "silinmiş öğeler",
    "silinmiş",
    "paperera",
    "zakarrontzia",
    "rusl",
    "אשפה",
    "פריטים שנמחקו",
    "المحذوفات",
    "المهملات",
    "سلة المهملات",
    "العناصر المحذوفة",
    "ごみ箱",
    "ゴミ箱",
    "削除済みアイテム",
    "휴지통",
    "지운 편지함",
    "已删除",
    "已删除邮件",
    "废纸篓",
    "垃圾箱",
    "回收站",
    "垃圾桶",
    "刪除的郵件",
    "已刪除的郵件",
    "thùng rác",
    "đã xóa",
    "sampah",
    "tong sampah",
    "ถังขยะ",
    "รายการที่ถูกลบ",
];

impl fmt::Display for FoundBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attribute => "by attribute",
            Self::Name => "by name",
        })
    }
}

impl fmt::Display for SpecialMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.mailbox.name();
        write!(f, "{}: {name} (found {})", self.special_use, self.found_by)
    }
}

/// A line for each mailbox.
impl fmt::Display for SpecialMailboxes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, mailbox) in self.found.iter().enumerate() {
            let before = if place > 0 { "\n" } else { "" };
            write!(f, "{before}{mailbox}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
