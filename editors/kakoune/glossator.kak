# Glossator through kakoune-lsp, which takes several servers for a buffer. `source` this file in your kakrc.

# kakoune-lsp itself, unless your kakrc has started it.
eval %sh{ [ -n "$kak_opt_lsp_cmd" ] || kak-lsp }

declare-option -hidden str glossator_server %{
[glossator]
root_globs = [".git", ".hg"]
command = "glossator"
args = ["lsp"]
}

# Glossator behind the servers of a file type. kakoune-lsp sets its own ones only where there are none yet: so they come first.
hook global WinSetOption filetype=.+ %{
  try %{ lsp-if-no-servers trigger-user-hook "LSPDefaultConfig=%opt{filetype}" }
  evaluate-commands %sh{
    case $kak_opt_lsp_servers in *'[glossator]'*) exit ;; esac
    # kakoune-lsp turns itself off in a buffer with a server that is not installed: there Glossator is the only one.
    way=-add
    for program in $(printf '%s\n' "$kak_opt_lsp_servers" | awk '
      /^[ \t]*\[[^].]+\][ \t]*$/ { if (name) print name; name = $1; gsub(/[][]/, "", name); top = 1; next }
      /^[ \t]*\[/ { top = 0 }
      top && /^[ \t]*command[ \t]*=/ { split($0, part, "[\"\047]"); name = part[2] }
      END { if (name) print name }'); do
      command -v "$program" >/dev/null || way=
    done
    echo "set-option $way buffer lsp_servers %opt{glossator_server}"
  }
  # Where LSP is on already there is nothing to turn on.
  evaluate-commands %sh{ [ "$kak_opt_lsp_fail_if_disabled" = nop ] || echo lsp-enable-window }
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
map global glossator g ': prompt %{Ask Glossator: } %{ glossator-ask %val{text} }<ret>' -docstring 'ask'
map global glossator c ': lsp-execute-command glossator.chat "[]"<ret>'            -docstring 'chat'
map global glossator <ret> ': lsp-execute-command glossator.send "[]"<ret>'        -docstring 'send the prompt document'
map global glossator s ': lsp-execute-command glossator.stop "[]"<ret>'            -docstring 'stop'
map global glossator y ': lsp-execute-command glossator.approve "[]"<ret>'         -docstring 'allow'
map global glossator n ': lsp-execute-command glossator.deny "[]"<ret>'            -docstring 'deny'
map global glossator r ': lsp-execute-command glossator.review "[]"<ret>'          -docstring 'review'
map global glossator K ': lsp-execute-command glossator.keepAll "[]"<ret>'         -docstring 'keep all'
map global glossator R ': lsp-execute-command glossator.rejectAll "[]"<ret>'       -docstring 'reject all'
map global glossator u ': lsp-execute-command glossator.undoTurn "[]"<ret>'        -docstring 'undo the turn'
