-- The plugin's `workspace/applyEdit` in a real Neovim: checks everything first, does all or nothing, answers honestly.
-- Needs a running server only because a buffer's version counts for an attached client.
local t = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/tap.lua')

local client
local function uri(name) return vim.uri_from_fname(t.workspace .. '/' .. name) end

-- A change of [from, to) = { line, character } pairs in a document; version `false` sends none.
local function edit(name, version, from, to, text)
  local range = { start = { line = from[1], character = from[2] }, ['end'] = { line = to[1], character = to[2] } }
  return { textDocument = { uri = uri(name), version = version or nil }, edits = { { range = range, newText = text } } }
end

local function apply(...)
  return client.handlers['workspace/applyEdit'](nil, { edit = { documentChanges = { ... } } }, { client_id = client.id })
end

local function refused(name, answer, reason)
  t.check(name, answer.applied == false and (answer.failureReason or ''):find(reason, 1, true), answer)
end

local function version(bufnr) return vim.lsp.util.buf_versions[bufnr] end

local function versions(a, b)
  vim.api.nvim_buf_set_lines(a, 0, 0, false, { 'typed in a' })
  vim.api.nvim_buf_set_lines(b, 0, 0, false, { 'typed in b' })
  local stale = apply(edit('a.txt', version(a), { 0, 0 }, { 0, 0 }, 'A '), edit('b.txt', version(b) - 1, { 0, 0 }, { 0, 0 }, 'B '))
  refused('a stale second document refuses the whole edit', stale, 'b.txt has changed')
  t.equal('the refusal names the change', stale.failedChange, 1)
  t.equal('the first document is untouched', t.lines(a)[1], 'typed in a')
  refused('a version from the future is refused', apply(edit('a.txt', version(a) + 1, { 0, 0 }, { 0, 0 }, 'A ')), 'a.txt has changed')
  refused('no version, unsaved text', apply(edit('a.txt', false, { 0, 0 }, { 0, 0 }, 'A ')), 'unsaved changes')
  refused('a file that is not open has no version', apply(edit('c.txt', 3, { 0, 0 }, { 0, 0 }, 'C ')), 'not open')
  refused('a file that does not exist', apply(edit('zz.txt', false, { 0, 0 }, { 0, 0 }, 'Z')), 'does not exist')
  refused('a line past the end', apply(edit('a.txt', version(a), { 99, 0 }, { 99, 0 }, 'A')), 'past the end')
  refused('a range that runs backwards', apply(edit('a.txt', version(a), { 1, 0 }, { 0, 0 }, 'A')), 'ends before it starts')
  refused('an unknown kind of change', apply({ kind = 'explode', uri = uri('a.txt') }), 'not known')
  refused('a document that is no file', apply({ textDocument = { uri = 'untitled:1' }, edits = {} }), 'not the URI of a file')
  vim.bo[a].modifiable = false
  refused('a buffer that is not modifiable', apply(edit('a.txt', version(a), { 0, 0 }, { 0, 0 }, 'A')), 'not modifiable')
  vim.bo[a].modifiable = true
  local both = apply(edit('a.txt', version(a), { 0, 0 }, { 0, 0 }, 'A '), edit('b.txt', version(b), { 0, 0 }, { 0, 0 }, 'B '))
  t.check('fresh versions are applied', both.applied, both)
  t.equal('in both documents', { t.lines(a)[1], t.lines(b)[1] }, { 'A typed in a', 'B typed in b' })
  vim.api.nvim_buf_set_lines(a, 1, 1, false, { 'typed after' })
  vim.cmd('silent undo | silent undo')
  t.equal('the edit is one undo step of its own', t.lines(a)[1], 'typed in a')
end

-- Texts end in a line break, which LSP counts as the start of one more, empty line.
local function ends_of_text(a)
  local cases = {
    { 'insert after the last line', { 2, 0 }, { 2, 0 }, 'three\n', { 'one', 'two', 'three' } },
    { 'insert without line break after the last line', { 2, 0 }, { 2, 0 }, 'three', { 'one', 'two', 'three' } },
    { 'insert at the end of the last line', { 1, 3 }, { 1, 3 }, '\nthree', { 'one', 'two', 'three' } },
    { 'replace the last line', { 1, 0 }, { 2, 0 }, 'zwei\n', { 'one', 'zwei' } },
    { 'delete the last line', { 1, 0 }, { 2, 0 }, '', { 'one' } },
    { 'delete the first line', { 0, 0 }, { 1, 0 }, '', { 'two' } },
    { 'replace everything', { 0, 0 }, { 2, 0 }, 'x\ny\n', { 'x', 'y' } },
    { 'delete everything', { 0, 0 }, { 2, 0 }, '', { '' } },
    { 'a column past the end of the line', { 0, 99 }, { 0, 99 }, '!', { 'one!', 'two' } },
    { 'a line break of Windows', { 1, 0 }, { 1, 0 }, 'x\r\n', { 'one', 'x', 'two' } },
  }
  for _, case in ipairs(cases) do
    local name, from, to, text, wanted = unpack(case)
    vim.api.nvim_buf_set_lines(a, 0, -1, false, { 'one', 'two' })
    apply(edit('a.txt', version(a), from, to, text))
    t.equal(name, t.lines(a), wanted)
  end
end

local function several_edits(a)
  vim.api.nvim_buf_set_lines(a, 0, -1, false, { 'größe 𝄞 x', 'two', 'three' })
  local wide = ({ ['utf-8'] = 13, ['utf-16'] = 9, ['utf-32'] = 8 })[client.offset_encoding] -- of 'x'
  local change = edit('a.txt', version(a), { 0, wide }, { 0, wide + 1 }, 'y')
  table.insert(change.edits, edit('a.txt', 0, { 2, 0 }, { 2, 5 }, 'drei').edits[1])
  t.check('two changes of one document', apply(change).applied)
  t.equal('count columns in the encoding of the server', t.lines(a), { 'größe 𝄞 y', 'two', 'drei' })
  table.insert(change.edits, edit('a.txt', 0, { 2, 3 }, { 2, 4 }, '!').edits[1])
  change.textDocument.version = version(a)
  refused('changes that overlap are refused', apply(change), 'overlap')
end

local function files(a, b)
  vim.cmd('silent wall')
  local kept = t.read('c.txt')
  refused('create over a file is refused', apply({ kind = 'create', uri = uri('c.txt') }), 'exists already')
  refused('even when it says overwrite', apply({ kind = 'create', uri = uri('c.txt'), options = { overwrite = true } }), 'exists already')
  t.check('ignoreIfExists does nothing', apply({ kind = 'create', uri = uri('c.txt'), options = { ignoreIfExists = true } }).applied)
  t.equal('the file is never truncated', t.read('c.txt'), kept)
  refused('delete of a missing file', apply({ kind = 'delete', uri = uri('zz.txt') }), 'does not exist')
  refused('rename onto a file', apply({ kind = 'rename', oldUri = uri('a.txt'), newUri = uri('c.txt') }), 'exists already')
  local made = apply({ kind = 'create', uri = uri('new/born.txt') }, edit('new/born.txt', false, { 0, 0 }, { 0, 0 }, 'born\n'))
  t.check('create and fill', made.applied, made)
  t.equal('the text waits unsaved in its buffer', t.lines(vim.fn.bufnr(t.workspace .. '/new/born.txt'))[1], 'born')

  -- The rename is done first, then c.txt turns out not to fit: nothing may stay.
  local first = t.lines(a)
  local half = apply(
    edit('a.txt', version(a), { 0, 0 }, { 0, 0 }, 'half '),
    { kind = 'rename', oldUri = uri('b.txt'), newUri = uri('moved/b.txt') },
    { kind = 'delete', uri = uri('d.txt') },
    edit('c.txt', false, { 50, 0 }, { 50, 0 }, 'C')
  )
  refused('a failure on the way refuses all', half, 'past the end')
  t.equal('the text is back', t.lines(a), first)
  t.check('the files are back', t.exists('b.txt') and t.exists('d.txt') and not t.exists('moved/b.txt'), vim.fn.glob(t.workspace .. '/**', true, true))
  t.equal('the buffer has its old name', vim.api.nvim_buf_get_name(b), t.workspace .. '/b.txt')

  vim.api.nvim_buf_set_lines(b, 0, 0, false, { 'unsaved' })
  refused('a file with unsaved text is not deleted', apply({ kind = 'delete', uri = uri('b.txt') }), 'unsaved')
  t.check('rename of an open file', apply({ kind = 'rename', oldUri = uri('b.txt'), newUri = uri('moved/b.txt') }).applied)
  t.equal('the buffer follows', vim.api.nvim_buf_get_name(b), t.workspace .. '/moved/b.txt')
  t.equal('with its unsaved text', t.lines(b)[1], 'unsaved')
  t.check('and the server', vim.lsp.buf_is_attached(b, client.id))
  local window = vim.api.nvim_get_current_win()
  vim.cmd.buffer(a)
  vim.cmd('silent write')
  t.check('delete of an open file', apply({ kind = 'delete', uri = uri('a.txt') }).applied)
  t.check('is gone from disk and editor', not t.exists('a.txt') and not vim.api.nvim_buf_is_loaded(a))
  t.check('its window stays', vim.api.nvim_win_is_valid(window))
  t.equal('nothing is left beside it', vim.fn.glob(t.workspace .. '/*glossator-*'), '')
end

local function others_are_left_alone()
  t.check("other servers keep Neovim's own handler", vim.lsp.handlers['workspace/applyEdit'] ~= client.handlers['workspace/applyEdit'])
end

t.main(function()
  for name, line in pairs({ a = 'first', b = 'second', c = 'third', d = 'fourth' }) do t.write(name .. '.txt', { line }) end
  t.start({ 'not used' })
  local a, b
  b = t.open('b.txt')
  a, client = t.open('a.txt')
  versions(a, b)
  ends_of_text(a)
  several_edits(a)
  files(a, b)
  others_are_left_alone()
end)
