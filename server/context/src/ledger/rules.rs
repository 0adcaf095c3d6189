//! Sentences of the user's that say what always or never holds, found by small tables of words. The sentence is kept as it
//! was written.

/// Characters of one rule.
const RULE: usize = 400;
/// Unmarked rules that are taken from the start of one text, and as many from its end; all rules of one text.
const AT_ENDS: usize = 8;
const MARKED: usize = 60;
/// How a line begins that the user marks as a rule.
const MARKS: &[&str] = &["rule:", "rules:", "regel:", "règle:", "regla:", "regola:", "regra:"];

/// Words that make a sentence a rule, in languages that put blanks between words.
const WORDS: &[&str] = &[
    // English
    "always",
    "never",
    "from now on",
    "from here on",
    "in future",
    "in the future",
    "do not",
    "don't",
    "must",
    "mustn't",
    "make sure",
    "at all times",
    "under no circumstances",
    "without exception",
    "whenever",
    "every time",
    "remember to",
    "be sure to",
    "no matter what",
    "hands off",
    "off limits",
    "leave alone",
    "stop using",
    "only ever",
    // German
    "immer",
    "nie",
    "niemals",
    "ab jetzt",
    "ab sofort",
    "von nun an",
    "künftig",
    "auf keinen fall",
    "unter keinen umständen",
    "muss",
    "müssen",
    "musst",
    "darfst nicht",
    "darf nicht",
    "dürfen nicht",
    "nicht mehr",
    "jedes mal",
    "jedesmal",
    "grundsätzlich",
    // French
    "toujours",
    "jamais",
    "désormais",
    "dorénavant",
    "à partir de maintenant",
    "il faut",
    "ne pas",
    "en aucun cas",
    "à chaque fois",
    // Spanish
    "siempre",
    "nunca",
    "jamás",
    "de ahora en adelante",
    "a partir de ahora",
    "debes",
    "en ningún caso",
    "cada vez que",
    // Italian
    "sempre",
    "mai più",
    "non usare",
    "non toccare",
    "d'ora in poi",
    "da ora in poi",
    "devi",
    "in nessun caso",
    "ogni volta",
    // Portuguese
    "de agora em diante",
    "a partir de agora",
    "deves",
    "em nenhum caso",
    "jamais",
    // Dutch
    "altijd",
    "nooit",
    "vanaf nu",
    "voortaan",
    "in geen geval",
    // Polish, Czech
    "zawsze",
    "nigdy",
    "od teraz",
    "vždy",
    "nikdy",
    "od teď",
    // Russian
    "всегда",
    "никогда",
    "впредь",
    "отныне",
    "нельзя",
    "обязательно",
    // Turkish
    "her zaman",
    "asla",
    "bundan sonra",
];

/// The same for languages that do not.
const SIGNS: &[&str] = &[
    "总是",
    "始终",
    "永远",
    "必须",
    "不要",
    "禁止",
    "从现在起",
    "从今以后",
    "以后",
    "務必",
    "务必",
    "常に",
    "必ず",
    "決して",
    "今後",
    "しないで",
    "禁止",
    "항상",
    "절대",
    "반드시",
    "앞으로",
];

/// What takes a sentence out again: it tells of something, and asks for nothing.
const NO_RULE: &[&str] = &[
    "i don't",
    "i do not",
    "we don't know",
    "i never",
    "i must have",
    "i always",
    "you don't have to",
    "you do not have to",
    "don't worry",
    "it must be",
    "there must be",
    "must have been",
    "why don't",
];

/// The rules in a text of the user's, in order: lines that are marked, and sentences that hold one of the words. Code and
/// questions are none. Of many sentences (a pasted text, say) only those at its start and at its end are.
pub(super) fn rules_of(text: &str) -> Vec<String> {
    let found = found(text);
    let sentences = found.iter().filter(|(marked, _)| !marked).count();
    let mut at = 0;
    let kept = found.into_iter().filter(|(marked, _)| {
        at += usize::from(!marked);
        *marked || at <= AT_ENDS || at + AT_ENDS > sentences
    });
    kept.map(|(_, rule)| rule).take(MARKED).collect()
}

/// What may be a rule, and whether it is marked as one.
fn found(text: &str) -> Vec<(bool, String)> {
    let mut rules = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        let line = line.trim_start_matches(['-', '*', '+', '•', '>', ' ', '\t']);
        match marked(line) {
            Some(rule) if !rule.is_empty() => rules.push((true, cut(rule))),
            Some(_) => {}
            None => {
                rules.extend(sentences(line).filter(|sentence| is_rule(sentence)).map(|it| (false, cut(it))))
            }
        }
    }
    rules
}

/// What stands behind a mark.
fn marked(line: &str) -> Option<&str> {
    let mark = |mark: &&&str| line.get(..mark.len()).is_some_and(|start| start.to_lowercase() == **mark);
    MARKS.iter().find(mark).map(|mark| line[mark.len()..].trim())
}

/// The sentences of a line: an end is a mark with a blank or nothing behind it, so that `a.rs` is none.
fn sentences(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let mut chars = rest.char_indices().peekable();
            let mut end = rest.len();
            while let Some((at, c)) = chars.next() {
                let last = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
                if matches!(c, '。' | '！' | '？') || matches!(c, '.' | '!' | '?' | ';') && last {
                    end = at + c.len_utf8();
                    break;
                }
            }
            let (sentence, behind) = rest.split_at(end);
            rest = behind.trim_start();
            if !sentence.trim().is_empty() {
                return Some(sentence.trim());
            }
        }
        None
    })
}

fn is_rule(sentence: &str) -> bool {
    if sentence.ends_with(['?', '？']) {
        return false;
    }
    let small = sentence.to_lowercase().replace('’', "'");
    if NO_RULE.iter().any(|words| has_words(&small, words)) {
        return false;
    }
    WORDS.iter().any(|words| has_words(&small, words)) || SIGNS.iter().any(|sign| small.contains(sign))
}

/// Whether the words stand in a text as words, not as parts of others.
fn has_words(text: &str, words: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(words).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + words.len()..].chars().next();
        !before.is_some_and(inner) && !after.is_some_and(inner)
    })
}

fn cut(rule: &str) -> String {
    match rule.char_indices().nth(RULE) {
        Some((at, _)) => format!("{} ...", &rule[..at]),
        None => rule.to_owned(),
    }
}
