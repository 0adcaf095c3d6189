# Glossator through kakoune-lsp, which takes several servers for a buffer. `source` this file in your kakrc.

# kakoune-lsp itself, unless your kakrc has started it.
eval %sh{ [ -n "$kak_opt_lsp_cmd" ] || kak-lsp }

# Glossator beside whatever a file type has already.
hook global BufSetOption filetype=.+ %{
  set-option -add buffer lsp_servers %{
    [glossator]
    root_globs = [".git", ".hg"]
    command = "glossator"
    args = ["lsp"]
  }
}
hook global WinSetOption filetype=.+ %{
  lsp-enable-window
}

# Free text is asked for by Kakoune; everything else is a code action or a command of the server.
define-command glossator-ask -params 1 -docstring 'glossator-ask <text>: start a turn' %{
  lsp-execute-command glossator.ask %sh{
    # The text as JSON: quotes, backslashes and line breaks escaped.
    printf '["%s"]' "$(printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' | sed -e ':a;N;$!ba;s/\n/\\n/g')"
  }
}

declare-user-mode glossator
map global user g ': enter-user-mode glossator<ret>' -docstring 'Glossator'
map global glossator a ': lsp-code-actions<ret>'                                   -docstring 'actions: ask, allow, deny, hunks'
map global glossator g ':glossator-ask "'                                          -docstring 'ask'
map global glossator c ': lsp-execute-command glossator.chat "[]"<ret>'            -docstring 'chat'
map global glossator <ret> ': lsp-execute-command glossator.send "[]"<ret>'        -docstring 'send the prompt document'
map global glossator s ': lsp-execute-command glossator.stop "[]"<ret>'            -docstring 'stop'
map global glossator y ': lsp-execute-command glossator.approve "[]"<ret>'         -docstring 'allow'
map global glossator n ': lsp-execute-command glossator.deny "[]"<ret>'            -docstring 'deny'
map global glossator r ': lsp-execute-command glossator.review "[]"<ret>'          -docstring 'review'
map global glossator K ': lsp-execute-command glossator.keepAll "[]"<ret>'         -docstring 'keep all'
map global glossator R ': lsp-execute-command glossator.rejectAll "[]"<ret>'       -docstring 'reject all'
map global glossator u ': lsp-execute-command glossator.undoTurn "[]"<ret>'        -docstring 'undo the turn'
