# Reads what a step that failed has said (nextest, libtest, TAP, or anything else), without colours. Prints the names of its
# failed tests, one a line; with -v lines=N instead the first N lines of the first failure, without what hides its message.

function fail(name) {
  if (!(name in seen)) { seen[name] = 1; if (!lines) print name }
  if (!first) { first = name; taking = !done }
}

# A new test is told of: the first failure's own words end here.
/^ +[A-Z-]+ \[ *[0-9.]+s\]/ || /^(not )?ok / || /^# [a-z-]+\.[a-z]+$/ || /^---- / || /^failures:$/ || /^ +Summary \[/ { if (taking) { taking = 0; done = 1 } }
/^ +Summary \[/ { done = 1 }

/^# [a-z-]+(\.[a-z]+)?$/ { file = substr($0, 3) ": " }
/^not ok / { name = $0; sub(/^not ok *[0-9]* *-? */, "", name); fail(file name) }
/^ +(FAIL|TIMEOUT|ABORT|SIG[A-Z]+|[A-Z]+-FAIL) \[ *[0-9.]+s\]/ {
  name = $0; sub(/^ +[A-Z-]+ \[ *[0-9.]+s\] *(\([ 0-9]+\/[ 0-9]+\))? */, "", name); fail(name)
}
/^test .* \.\.\. FAILED$/ { name = $0; sub(/^test /, "", name); sub(/ \.\.\. FAILED$/, "", name); fail(name); taking = 0; begins = "---- " name " stdout ----" }
begins && $0 == begins { taking = 1; done = 0 }
/^(error|Diff in)/ && !error { error = NR }

/stack backtrace:$/ { hidden = 1 }
{
  noise = /^(# *[~|]?)? *$/ || /^ *running [0-9]+ tests?$/ || /^ *(stdout|stderr) [^ ]+$/ || /^ *test .* \.\.\. FAILED$/ || /^ *failures:$/ || /^ *test result:/
  noise = noise || (NF == 1 && substr(first, length(first) - length($1) + 1) == $1)
  if (taking && !hidden && !noise) { kept[++n] = $0; if (/panicked at/ && !panic) panic = n }
  all[NR] = $0
}
/^ *note: Some details are omitted/ || /^ *$/ { hidden = 0 }

END {
  if (!lines) exit
  if (n) {
    # What a test has printed may be long; its panic is what counts.
    from = panic > lines / 2 ? panic - 5 : 1
    for (i = from; i <= n && i < from + lines; i++) print kept[i]
  } else {
    from = error ? error : NR - lines + 1
    if (from < 1) from = 1
    for (i = from; i <= NR && i < from + lines; i++) print all[i]
  }
}
