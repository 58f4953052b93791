//! The comparison of texts if messages are sorted by this crate: as by `i;unicode-casemap` (RFC
//! 5051).

use std::collections::HashMap;
use std::sync::OnceLock;

/// The form of a text that is compared octet by octet: capitals, and letters before their marks, so
/// that `e`, `E` and `\u{e9}` sort together. At most `longest` octets.
///
/// As in RFC 5051, except for characters that hardly occur in the header of a mail. Of the
/// characters with a decomposition, it knows the letters of Latin, Greek and Cyrillic with marks,
/// the wide forms of ASCII and the no-break space.
pub(crate) fn casemap(text: &str, longest: usize) -> Box<[u8]> {
    let mut mapped = String::with_capacity(text.len().min(longest));
    for character in text.chars() {
        if mapped.len() >= longest {
            break;
        }
        push_apart(capital(character), &mut mapped);
    }
    mapped.into_bytes().into_boxed_slice()
}

/// One character for one: \u{df} stays, because its capital is two characters.
fn capital(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_uppercase();
    }
    let mut capitals = character.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => character,
    }
}

fn push_apart(character: char, mapped: &mut String) {
    // A letter has three marks at most; the innermost is found last.
    let (mut letter, mut marks) = (character, [None; 4]);
    for mark in &mut marks {
        let Some((inner, outer)) = apart().get(&letter) else {
            break;
        };
        (letter, *mark) = (*inner, Some(*outer));
    }
    mapped.push(plain(letter));
    mapped.extend(marks.into_iter().rev().flatten());
}

/// The wide forms of ASCII, and a space.
fn plain(character: char) -> char {
    match character {
        '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xff01 + 0x21).unwrap_or(character)
        }
        other => other,
    }
}

/// Each character with a mark, and the character without it.
fn apart() -> &'static HashMap<char, (char, char)> {
    static APART: OnceLock<HashMap<char, (char, char)>> = OnceLock::new();
    APART.get_or_init(|| {
        let mut apart = HashMap::new();
        for (mark, pairs) in MARKS {
            let mut pairs = pairs.chars();
            while let (Some(whole), Some(letter)) = (pairs.next(), pairs.next()) {
                apart.insert(whole, (letter, *mark));
            }
        }
        apart
    })
}

/// For each mark the characters that have it, each before the character without it (the canonical
/// decompositions of UnicodeData.txt).
#[rustfmt::skip]
const MARKS: &[(char, &str)] = &[
    ('\u{300}', "ÀAÈEÌIÒOÙUàaèeìiòoùuǛÜǜüǸNǹnЀЕЍИѐеѝиḔĒḕēṐŌṑōẀWẁwẦÂầâẰĂằăỀÊềêỒÔồôỜƠờơỪƯừưỲYỳyἂἀἃἁἊἈἋἉἒἐἓἑἚἘἛἙἢἠἣἡἪἨἫἩἲἰἳἱἺἸἻἹὂὀὃὁὊὈὋὉὒὐὓὑὛὙὢὠὣὡὪὨὫὩὰαὲεὴηὶιὸοὺυὼωᾺΑῈΕῊΗ῍᾿ῒϊῚΙ῝῾ῢϋῪΥ῭¨ῸΟῺΩ"),
    ('\u{301}', "ÁAÉEÍIÓOÚUÝYáaéeíióoúuýyĆCćcĹLĺlŃNńnŔRŕrŚSśsŹZźzǗÜǘüǴGǵgǺÅǻåǼÆǽæǾØǿø\u{344}\u{308}΅¨ΆΑΈΕΉΗΊΙΌΟΎΥΏΩΐϊάαέεήηίιΰϋόούυώωϓϒЃГЌКѓгќкḈÇḉçḖĒḗēḮÏḯïḰKḱkḾMḿmṌÕṍõṒŌṓōṔPṕpṸŨṹũẂWẃwẤÂấâẮĂắăẾÊếêỐÔốôỚƠớơỨƯứưἄἀἅἁἌἈἍἉἔἐἕἑἜἘἝἙἤἠἥἡἬἨἭἩἴἰἵἱἼἸἽἹὄὀὅὁὌὈὍὉὔὐὕὑὝὙὤὠὥὡὬὨὭὩ῎᾿῞῾"),
    ('\u{302}', "ÂAÊEÎIÔOÛUâaêeîiôoûuĈCĉcĜGĝgĤHĥhĴJĵjŜSŝsŴWŵwŶYŷyẐZẑzẬẠậạỆẸệẹỘỌộọ"),
    ('\u{303}', "ÃAÑNÕOãañnõoĨIĩiŨUũuṼVṽvẪÂẫâẴĂẵăẼEẽeỄÊễêỖÔỗôỠƠỡơỮƯữưỸYỹy"),
    ('\u{304}', "ĀAāaĒEēeĪIīiŌOōoŪUūuǕÜǖüǞÄǟäǠȦǡȧǢÆǣæǬǪǭǫȪÖȫöȬÕȭõȰȮȱȯȲYȳyӢИӣиӮУӯуḠGḡgḸḶḹḷṜṚṝṛᾱαᾹΑῑιῙΙῡυῩΥ"),
    ('\u{306}', "ĂAăaĔEĕeĞGğgĬIĭiŎOŏoŬUŭuЎУЙИйиўуӁЖӂжӐАӑаӖЕӗеḜȨḝȩẶẠặạᾰαᾸΑῐιῘΙῠυῨΥ"),
    ('\u{307}', "ĊCċcĖEėeĠGġgİIŻZżzȦAȧaȮOȯoḂBḃbḊDḋdḞFḟfḢHḣhṀMṁmṄNṅnṖPṗpṘRṙrṠSṡsṤŚṥśṦŠṧšṨṢṩṣṪTṫtẆWẇwẊXẋxẎYẏyẛſ"),
    ('\u{308}', "ÄAËEÏIÖOÜUäaëeïiöoüuÿyŸYΪΙΫΥϊιϋυϔϒЁЕЇІёеїіӒАӓаӚӘӛәӜЖӝжӞЗӟзӤИӥиӦОӧоӪӨӫөӬЭӭэӰУӱуӴЧӵчӸЫӹыḦHḧhṎÕṏõṺŪṻūẄWẅwẌXẍxẗt"),
    ('\u{309}', "ẢAảaẨÂẩâẲĂẳăẺEẻeỂÊểêỈIỉiỎOỏoỔÔổôỞƠởơỦUủuỬƯửưỶYỷy"),
    ('\u{30a}', "ÅAåaŮUůuẘwẙy"),
    ('\u{30b}', "ŐOőoŰUűuӲУӳу"),
    ('\u{30c}', "ČCčcĎDďdĚEěeĽLľlŇNňnŘRřrŠSšsŤTťtŽZžzǍAǎaǏIǐiǑOǒoǓUǔuǙÜǚüǦGǧgǨKǩkǮƷǯʒǰjȞHȟh"),
    ('\u{30f}', "ȀAȁaȄEȅeȈIȉiȌOȍoȐRȑrȔUȕuѶѴѷѵ"),
    ('\u{311}', "ȂAȃaȆEȇeȊIȋiȎOȏoȒRȓrȖUȗu"),
    ('\u{313}', "ἀαἈΑἐεἘΕἠηἨΗἰιἸΙὀοὈΟὐυὠωὨΩῤρ"),
    ('\u{314}', "ἁαἉΑἑεἙΕἡηἩΗἱιἹΙὁοὉΟὑυὙΥὡωὩΩῥρῬΡ"),
    ('\u{31b}', "ƠOơoƯUưu"),
    ('\u{323}', "ḄBḅbḌDḍdḤHḥhḲKḳkḶLḷlṂMṃmṆNṇnṚRṛrṢSṣsṬTṭtṾVṿvẈWẉwẒZẓzẠAạaẸEẹeỊIịiỌOọoỢƠợơỤUụuỰƯựưỴYỵy"),
    ('\u{324}', "ṲUṳu"),
    ('\u{325}', "ḀAḁa"),
    ('\u{326}', "ȘSșsȚTțt"),
    ('\u{327}', "ÇCçcĢGģgĶKķkĻLļlŅNņnŖRŗrŞSşsŢTţtȨEȩeḐDḑdḨHḩh"),
    ('\u{328}', "ĄAąaĘEęeĮIįiŲUųuǪOǫo"),
    ('\u{32d}', "ḒDḓdḘEḙeḼLḽlṊNṋnṰTṱtṶUṷu"),
    ('\u{32e}', "ḪHḫh"),
    ('\u{330}', "ḚEḛeḬIḭiṴUṵu"),
    ('\u{331}', "ḆBḇbḎDḏdḴKḵkḺLḻlṈNṉnṞRṟrṮTṯtẔZẕzẖh"),
    ('\u{342}', "ἆἀἇἁἎἈἏἉἦἠἧἡἮἨἯἩἶἰἷἱἾἸἿἹὖὐὗὑὟὙὦὠὧὡὮὨὯὩᾶα῁¨ῆη῏᾿ῖιῗϊ῟῾ῦυῧϋῶω"),
    ('\u{345}', "ᾀἀᾁἁᾂἂᾃἃᾄἄᾅἅᾆἆᾇἇᾈἈᾉἉᾊἊᾋἋᾌἌᾍἍᾎἎᾏἏᾐἠᾑἡᾒἢᾓἣᾔἤᾕἥᾖἦᾗἧᾘἨᾙἩᾚἪᾛἫᾜἬᾝἭᾞἮᾟἯᾠὠᾡὡᾢὢᾣὣᾤὤᾥὥᾦὦᾧὧᾨὨᾩὩᾪὪᾫὫᾬὬᾭὭᾮὮᾯὯᾲὰᾳαᾴάᾷᾶᾼΑῂὴῃηῄήῇῆῌΗῲὼῳωῴώῷῶῼΩ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(text: &str) -> String {
        String::from_utf8(casemap(text, 100).into_vec()).unwrap()
    }

    #[test]
    fn letters_come_as_capitals_before_their_marks() {
        assert_eq!(mapped("Straße 9"), "STRAßE 9");
        assert_eq!(mapped("\u{e9}t\u{c9}"), "E\u{301}TE\u{301}");
        assert_eq!(mapped("\u{1ed1}"), "O\u{302}\u{301}", "two marks");
        assert_eq!(mapped("\u{439}\u{3ac}"), "\u{418}\u{306}\u{391}\u{301}");
        assert_eq!(mapped("\u{ff21}\u{ff42}\u{a0}c"), "AB C");
        let mut words = ["zebra", "\u{c9}lan", "Elch", "apfel", "\u{c4}hre"];
        words.sort_by_key(|word| casemap(word, 100));
        assert_eq!(words, ["apfel", "\u{c4}hre", "Elch", "\u{c9}lan", "zebra"]);
    }

    #[test]
    fn a_key_is_as_long_as_it_may_be() {
        let key = casemap(&"\u{e9}".repeat(1000), 64);
        assert!((64..80).contains(&key.len()), "{}", key.len());
        assert_eq!(apart().len(), 782);
    }
}
