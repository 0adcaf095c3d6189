//! A small lexer over a script: tells code from strings, templates, comments and regular expressions. Pure.
//! Guesses where JavaScript is ambiguous (`/`); a wrong guess ends as "broken" at the line's end, never as a hang.

/// Words after which a `/` begins a regular expression and a `{` an object.
const OPERATOR_WORDS: &[&str] = &[
    "return",
    "typeof",
    "instanceof",
    "in",
    "of",
    "new",
    "delete",
    "void",
    "throw",
    "case",
    "await",
    "yield",
];
/// Words after which a `/` begins a regular expression and a `{` a block.
const BLOCK_WORDS: &[&str] = &["do", "else", "try", "finally"];
/// Words whose parentheses are no operand.
const CONTROL_WORDS: &[&str] = &["if", "while", "for", "with"];
/// Characters after which a `{` begins an object.
const BEFORE_OBJECT: &str = "=(,:?[&|+-*/%!~<>^";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Code,
    /// A `/` was read; `regex` if an operand may stand here.
    Slash {
        regex: bool,
    },
    LineComment,
    BlockComment {
        star: bool,
    },
    Quoted {
        quote: char,
        escaped: bool,
    },
    Template {
        escaped: bool,
        dollar: bool,
    },
    Regex {
        class: bool,
        escaped: bool,
    },
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Paren { control: bool },
    Square,
    Object,
    Block,
    Template,
}

/// The lexer of one script.
#[derive(Debug)]
pub(super) struct Lexer {
    state: State,
    brackets: Vec<Bracket>,
    /// How many templates are open around this point.
    templates: usize,
    /// An operand may begin here, so a `/` is a regular expression.
    operand: bool,
    /// The last character of code that is not blank, and the one before it when adjacent.
    last: char,
    before: char,
    word: String,
    /// The word before this point was a control word.
    control: bool,
    /// The word before this point wants a block or an object behind it.
    word_brace: Option<Bracket>,
}

impl Lexer {
    pub(super) fn new() -> Lexer {
        Lexer {
            state: State::Code,
            brackets: Vec::new(),
            templates: 0,
            operand: true,
            last: ';',
            before: ';',
            word: String::new(),
            control: false,
            word_brace: None,
        }
    }

    /// A closing tag at this point is outside strings, templates and comments.
    pub(super) fn in_code(&self) -> bool {
        self.templates == 0 && matches!(self.state, State::Code | State::Slash { .. } | State::Regex { .. })
    }

    /// The script does not lex: a string or regular expression ran into the end of its line.
    pub(super) fn is_broken(&self) -> bool {
        self.state == State::Broken
    }

    /// Takes the next character.
    pub(super) fn feed(&mut self, c: char) {
        self.state = match self.state {
            State::Code => self.code(c),
            State::Slash { regex } => self.slash(c, regex),
            State::LineComment if matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}') => State::Code,
            State::BlockComment { star: true } if c == '/' => State::Code,
            State::BlockComment { .. } => State::BlockComment { star: c == '*' },
            State::Quoted { quote, escaped } => self.quoted(c, quote, escaped),
            State::Template { escaped, dollar } => self.template(c, escaped, dollar),
            State::Regex { class, escaped } => self.regex(c, class, escaped),
            same @ (State::LineComment | State::Broken) => same,
        };
    }

    fn code(&mut self, c: char) -> State {
        if c.is_alphanumeric() || c == '_' || c == '$' || c == '#' || (!c.is_ascii() && !c.is_whitespace()) {
            if self.word.is_empty() {
                self.before = self.last;
            }
            // Long words are no keywords; their text does not matter.
            if self.word.len() < 32 {
                self.word.push(c);
            }
            return State::Code;
        }
        self.end_word();
        match c {
            c if c.is_whitespace() => return State::Code,
            '/' => return State::Slash { regex: self.operand },
            '"' | '\'' => {
                return State::Quoted { quote: c, escaped: false };
            }
            '`' => {
                self.templates += 1;
                return State::Template { escaped: false, dollar: false };
            }
            '}' if self.brackets.last() == Some(&Bracket::Template) => {
                self.brackets.pop();
                return State::Template { escaped: false, dollar: false };
            }
            _ => self.punctuator(c),
        }
        State::Code
    }

    /// Finishes the word before this point, if there is one.
    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let word = if self.before == '.' { "" } else { word.as_str() };
        self.word_brace = match word {
            word if OPERATOR_WORDS.contains(&word) => Some(Bracket::Object),
            word if BLOCK_WORDS.contains(&word) => Some(Bracket::Block),
            _ => None,
        };
        self.operand = self.word_brace.is_some();
        self.control = CONTROL_WORDS.contains(&word);
        self.last = 'a';
    }

    fn punctuator(&mut self, c: char) {
        self.operand = match c {
            '(' => {
                self.brackets.push(Bracket::Paren { control: self.control && self.last == 'a' });
                true
            }
            '[' => {
                self.brackets.push(Bracket::Square);
                true
            }
            '{' => {
                let kind = self.brace();
                self.brackets.push(kind);
                true
            }
            ')' => matches!(self.brackets.pop(), Some(Bracket::Paren { control: true })),
            ']' => {
                self.brackets.pop();
                false
            }
            '}' => self.brackets.pop() != Some(Bracket::Object),
            '.' => false,
            '+' | '-' if self.last == c => false,
            // TypeScript's `x!` leaves an operand an operand.
            '!' => self.operand,
            _ => true,
        };
        self.before = self.last;
        self.last = c;
        self.control = false;
        self.word_brace = None;
    }

    /// What a `{` begins at this point.
    fn brace(&self) -> Bracket {
        let arrow = self.last == '>' && self.before == '=';
        match self.word_brace {
            Some(kind) if self.last == 'a' => kind,
            _ if !arrow && BEFORE_OBJECT.contains(self.last) => Bracket::Object,
            _ => Bracket::Block,
        }
    }

    fn slash(&mut self, c: char, regex: bool) -> State {
        match c {
            '/' => State::LineComment,
            '*' => State::BlockComment { star: false },
            _ if regex => self.regex(c, false, false),
            _ => {
                self.punctuator('/');
                self.code(c)
            }
        }
    }

    fn quoted(&mut self, c: char, quote: char, escaped: bool) -> State {
        match c {
            // A backslash continues the line, and CRLF is one line end.
            '\r' if escaped => State::Quoted { quote, escaped: true },
            _ if escaped => State::Quoted { quote, escaped: false },
            '\\' => State::Quoted { quote, escaped: true },
            '\n' | '\r' => State::Broken,
            c if c == quote => self.end_operand(),
            _ => State::Quoted { quote, escaped: false },
        }
    }

    fn template(&mut self, c: char, escaped: bool, dollar: bool) -> State {
        match c {
            _ if escaped => State::Template { escaped: false, dollar: false },
            '\\' => State::Template { escaped: true, dollar: false },
            '{' if dollar => {
                self.brackets.push(Bracket::Template);
                self.operand = true;
                self.last = '(';
                State::Code
            }
            '`' => {
                self.templates = self.templates.saturating_sub(1);
                self.end_operand()
            }
            c => State::Template { escaped: false, dollar: c == '$' },
        }
    }

    fn regex(&mut self, c: char, class: bool, escaped: bool) -> State {
        match c {
            '\n' | '\r' => State::Broken,
            _ if escaped => State::Regex { class, escaped: false },
            '\\' => State::Regex { class, escaped: true },
            '[' => State::Regex { class: true, escaped: false },
            ']' => State::Regex { class: false, escaped: false },
            '/' if !class => self.end_operand(),
            _ => State::Regex { class, escaped: false },
        }
    }

    /// A string, template or regular expression has just ended.
    fn end_operand(&mut self) -> State {
        self.operand = false;
        self.last = 'a';
        self.word_brace = None;
        self.control = false;
        State::Code
    }
}
