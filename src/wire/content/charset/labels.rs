//! The labels of charsets in mail, and the charset that each means.

/// The forms in which a label may be meant: as it is, and without other text around it.
pub(super) fn clean(name: &str) -> impl Iterator<Item = &str> {
    let name = bare(name);
    let name = name.strip_prefix("3D\"").unwrap_or(name);
    let name = match name.split_at_checked("charset=".len()) {
        Some((word, rest)) if word.eq_ignore_ascii_case("charset=") => bare(rest),
        _ => name,
    };
    let before = |is_end: fn(char) -> bool| name.split(is_end).next().map(bare);
    // `utf-8*de` has a language, `utf-8; format=flowed` another parameter.
    let one = before(|c| matches!(c, ';' | ',' | '"' | '\'' | '*' | '(' | '<' | '\\' | '/'));
    let word = before(|c| c.is_whitespace() || matches!(c, ';' | ',' | '"' | '\'' | '*' | '('));
    [Some(name), one, word].into_iter().flatten()
}

fn bare(name: &str) -> &str {
    let is_sign =
        |c: char| c.is_whitespace() || c.is_control() || "\"'`<>()[]=;:,.\\?!".contains(c);
    // Nearly all labels begin and end with these.
    name.trim_matches(|c: char| !c.is_ascii_alphanumeric() && is_sign(c))
}

/// The canonical label for a label in another form: that of the Encoding Standard, or one of ours.
pub(super) fn canonical(name: &str) -> Option<&'static str> {
    let mut place = [0; 40];
    let mut len = 0;
    for octet in name.bytes().filter(u8::is_ascii_alphanumeric) {
        *place.get_mut(len)? = octet.to_ascii_lowercase();
        len += 1;
    }
    let key = std::str::from_utf8(place.get(..len)?).ok()?;
    let found = unicode_or_latin(key)
        .or_else(|| asian(key))
        .or_else(|| european(key));
    found.or_else(|| code_page(key))
}

/// The labels that need no tables.
fn unicode_or_latin(key: &str) -> Option<&'static str> {
    Some(match key {
        "utf8" | "unicode11utf8" | "unicode20utf8" | "xunicode20utf8" | "utf8mb4" | "utf8n"
        | "utf8bom" | "utf8sig" | "utf08" | "xutf8" | "csutf8" | "utf8utf8" => "utf-8",
        "usascii" | "ascii" | "ansix341968" | "ansix341986" | "iso646us" | "iso646irv1991"
        | "isoir6" | "us" | "csascii" | "ascii7bit" | "7bit" | "ascii8bit" | "usacii"
        | "asciius" => "us-ascii",
        "iso88591" | "iso885911987" | "88591" | "latin1" | "l1" | "isoir100" | "csisolatin1"
        | "ansi" | "westerneuropean" | "iso8859" | "isolatin1" | "ibm819" => "windows-1252",
        "utf7" | "unicode11utf7" | "unicode20utf7" | "xunicode20utf7" | "csunicode11utf7"
        | "csutf7" => "utf-7",
        "utf16" | "unicode" | "ucs2" | "iso10646ucs2" | "csunicode" => "utf-16",
        "utf16le" => "utf-16le",
        "utf16be" => "utf-16be",
        "utf32" | "utf32le" | "utf32be" | "ucs4" | "iso10646ucs4" | "csucs4" => "utf-32",
        _ => return None,
    })
}

fn asian(key: &str) -> Option<&'static str> {
    Some(match key {
        "shiftjis" | "sjis" | "xsjis" | "xshiftjis" | "mskanji" | "csshiftjis" | "windows31j"
        | "cswindows31j" | "sjiswin" | "sjisms" | "shiftjisx0213" | "shiftjis2004"
        | "xmswin31j" => "shift_jis",
        "eucjp"
        | "xeucjp"
        | "xeuc"
        | "ujis"
        | "eucjpms"
        | "eucjpwin"
        | "eucjpascii"
        | "eucjisx0213"
        | "eucjis2004"
        | "xeucjp1"
        | "cseucpkdfmtjapanese" => "euc-jp",
        "jis" | "xjis" | "isoir87" | "jisencoding" | "csjisencoding" => "iso-2022-jp",
        "gb2312" | "gb231280" | "gbk" | "xgbk" | "gb" | "gb13000" | "euccn" | "xeuccn" | "cngb"
        | "chinese" | "csgb2312" | "csiso58gb231280" | "isoir58" | "csgbk" => "gbk",
        "gb18030" | "gb180302000" | "gb180302005" | "gb180302022" => "gb18030",
        "hz" | "hzgb2312" | "hzgb" | "xhz" => "hz-gb-2312",
        "big5" | "cnbig5" | "xxbig5" | "xbig5" | "csbig5" | "big5hkscs" | "big5eten" | "big5hk"
        | "big5tw" | "big52003" => "big5",
        "euckr" | "xeuckr" | "cseuckr" | "ksc56011987" | "ksc56011989" | "ksc56011992"
        | "ksc5601" | "csksc56011987" | "ksx1001" | "ksx10011992" | "5601" | "uhc" | "xuhc"
        | "korean" | "isoir149" | "xwindows949" | "mswin949" => "euc-kr",
        "tis620" | "tis6202533" | "tis62025330" | "tis62025331" | "iso885911" => "windows-874",
        _ if starts_with_one(key, &["iso2022jp", "csiso2022jp", "xiso2022jp"]) => "iso-2022-jp",
        _ if starts_with_one(key, &["iso2022kr", "csiso2022kr"]) => "iso-2022-kr",
        _ if starts_with_one(key, &["iso2022cn", "csiso2022cn"]) => "iso-2022-cn",
        _ => return None,
    })
}

fn starts_with_one(key: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| key.starts_with(start))
}

fn european(key: &str) -> Option<&'static str> {
    Some(match key {
        "koi8r" | "koi8" | "koi" | "cskoi8r" | "xkoi8r" => "koi8-r",
        "koi8u" | "koi8ru" | "xkoi8u" => "koi8-u",
        "macintosh" | "mac" | "macroman" | "xmacroman" | "xmac" | "csmacintosh" | "macos"
        | "xapplemacintosh" => "macintosh",
        "maccyrillic" | "xmaccyrillic" | "macukrainian" | "xmacukrainian" | "xmacukraine"
        | "macukraine" => "x-mac-cyrillic",
        "latin7" | "l7" => "iso-8859-13",
        "latin8" | "l8" => "iso-8859-14",
        "latin9" | "latin0" | "l9" => "iso-8859-15",
        "latin10" | "l10" => "iso-8859-16",
        _ => return iso_8859(key),
    })
}

/// `iso-8859-2`, in the forms `iso8859_2`, `8859-2`, `x-iso-8859-2`, `iso-8859-2:1987`.
fn iso_8859(key: &str) -> Option<&'static str> {
    let key = key.strip_prefix('x').unwrap_or(key);
    let rest = key
        .strip_prefix("iso")
        .unwrap_or(key)
        .strip_prefix("8859")?;
    let label = match rest.strip_suffix(['e', 'i']).unwrap_or(rest) {
        "1" => "windows-1252",
        "2" => "iso-8859-2",
        "3" => "iso-8859-3",
        "4" => "iso-8859-4",
        "5" => "iso-8859-5",
        "6" => "iso-8859-6",
        "7" => "iso-8859-7",
        "8" if rest.ends_with('i') => "iso-8859-8-i",
        "8" => "iso-8859-8",
        "9" => "windows-1254",
        "10" => "iso-8859-10",
        "11" => "windows-874",
        "13" => "iso-8859-13",
        "14" => "iso-8859-14",
        "15" => "iso-8859-15",
        "16" => "iso-8859-16",
        _ => return None,
    };
    Some(label)
}

/// `cp1251`, `windows-1251`, `win1251`, `ms932`, `x-cp1250`, and numbers of Windows alone.
fn code_page(key: &str) -> Option<&'static str> {
    let word = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = key.get(word.len()..)?.parse::<u32>().ok()?;
    let is_page = match word.strip_prefix('x').unwrap_or(word) {
        "cp" | "windows" | "win" | "ms" | "ibm" | "codepage" | "microsoftcp" | "mswin"
        | "cswindows" | "wincp" | "windowscp" | "dos" | "oem" | "ansi" | "window" | "csibm" => true,
        "" => number >= 866,
        _ => false,
    };
    is_page.then(|| label_of_page(number)).flatten()
}

fn label_of_page(number: u32) -> Option<&'static str> {
    Some(match number {
        367 | 20127 => "us-ascii",
        819 | 1252 | 28591 => "windows-1252",
        65000 => "utf-7",
        65001 => "utf-8",
        1200 | 1202 => "utf-16le",
        1201 => "utf-16be",
        12000 | 12001 => "utf-32",
        866 => "ibm866",
        874 | 1162 => "windows-874",
        932 | 943 | 31 => "shift_jis",
        936 | 1386 | 51936 | 20936 => "gbk",
        949 | 1363 | 970 | 51949 | 20949 => "euc-kr",
        950 | 951 | 1370 | 1373 => "big5",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1253 => "windows-1253",
        1254 | 28599 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        10000 => "macintosh",
        10007 | 10017 => "x-mac-cyrillic",
        878 | 20866 => "koi8-r",
        1168 | 21866 => "koi8-u",
        912 | 28592 => "iso-8859-2",
        913 | 28593 => "iso-8859-3",
        914 | 28594 => "iso-8859-4",
        915 | 28595 => "iso-8859-5",
        1089 | 28596 => "iso-8859-6",
        813 | 28597 => "iso-8859-7",
        916 | 28598 => "iso-8859-8",
        38598 => "iso-8859-8-i",
        921 | 28603 => "iso-8859-13",
        923 | 28605 => "iso-8859-15",
        50220..=50222 => "iso-2022-jp",
        50225 => "iso-2022-kr",
        50227 | 50229 => "iso-2022-cn",
        52936 => "hz-gb-2312",
        954 | 33722 | 20932 | 51932 => "euc-jp",
        1392 | 54936 => "gb18030",
        _ => return None,
    })
}
