-- How hunks look in a real Neovim: signs, the lines that were there before, ways from one to the next, keys; and what becomes
-- of them when another server formats the file while it is saved.
local t = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/tap.lua')

local function patch(file, ...)
  local chunks = vim.iter({ ... }):map(function(lines) return '@@\n' .. table.concat(lines, '\n') .. '\n' end):join('')
  return ('<tool-calls>\nreturn await tools.applyPatch({ patch: `*** Begin Patch\n%s%s*** End Patch` });\n</tool-calls>\n'):format(file, chunks)
end

local poem = '*** Update File: poem.txt\n'

-- In the order of the turns below.
local replies = {
  patch(poem, { '-line 1', '+LINE 1' }, { ' line 4', '+line 4b' }, { ' line 6', '-line 7', '-line 8', ' line 9' }),
  'Said the model.',
  patch('*** Update File: other.txt\n', { '-\tother', '+\tOTHER' }),
  'Said the model.',
  patch(poem, { '-line 3', '+   LINE 3' }, { '-line 9', '+LINE 9' }),
  'Said the model.',
}

local bufnr, space

-- The marks as one would read them: row, sign, lines above it, highlight of the line.
local function marks(buffer)
  local found = {}
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buffer or bufnr, space, 0, -1, { details = true })) do
    local details = mark[4]
    local above = vim.iter(details.virt_lines or {}):map(function(line) return line[1][1] end):join('|')
    found[#found + 1] = ('%d %s%s%s'):format(mark[2] + 1, vim.trim(details.sign_text or ''), details.line_hl_group and ' *' or '', above ~= '' and ' ^' .. above or '')
  end
  table.sort(found, function(one, other) return tonumber(one:match('%d+')) < tonumber(other:match('%d+')) end)
  return found
end

local function text() return t.lines(bufnr) end
local function story() return { marks = marks(), text = text(), notices = t.notices } end
local function marked(name, wanted)
  t.eventually(name, function() return vim.deep_equal(marks(), wanted) end, story)
end
local function becomes(name, wanted)
  t.eventually(name, function() return vim.deep_equal(text(), wanted) end, story)
end
local function at(name, row, file)
  t.eventually(name, function()
    return vim.api.nvim_win_get_cursor(0)[1] == row and vim.api.nvim_buf_get_name(0):match('[^/]*$') == (file or 'poem.txt')
  end, function() return { vim.api.nvim_win_get_cursor(0), vim.api.nvim_buf_get_name(0) } end)
end

local turns = 0
local function ask(words)
  turns = turns + 1
  t.keys(':Glossator ask ' .. words .. '<CR>')
  t.eventually(('turn %d ends'):format(turns), function()
    return t.log_holds('"turnEnded"', turns) and not require('glossator').statusline():match('running')
  end, story)
end

local function looks()
  ask('change the poem')
  becomes('the poem is changed', { 'LINE 1', 'line 2', 'line 3', 'line 4', 'line 4b', 'line 5', 'line 6', 'line 9' })
  local all = { '1 ┃ * ^line 1', '5 ┃ *', '8 ▁ ^line 7|line 8' }
  marked('signs, and what was there before', all)
  t.eventually('what was above the first line can be seen', function() return vim.fn.winsaveview().topfill == 1 end, vim.fn.winsaveview)
  t.eventually('the status line counts them', function() return require('glossator').statusline():match('3 hunks') end, require('glossator').statusline)
  local hint = vim.diagnostic.get(bufnr, { severity = vim.diagnostic.severity.HINT })[1]
  t.check('the hints are there and not shown twice', hint and vim.diagnostic.config(nil, hint.namespace).signs == false, hint)
  t.keys(':Glossator before<CR>')
  marked(':Glossator before hides what was there', { '1 ┃', '5 ┃', '8 ▁' })
  t.keys('\\ab')
  marked('and shows it again', all)
  t.keys('ggOabove<Esc>')
  marked('they move with the text', { '2 ┃ * ^line 1', '6 ┃ *', '9 ▁ ^line 7|line 8' })
  t.keys('u')
  marked('and back', all)
end

local function ways()
  t.keys('gg]h')
  at(']h goes to the next one', 5)
  t.keys(']h')
  at('and the next', 8)
  t.keys('[h')
  at('[h goes back', 5)
  t.keys('gg[h')
  at('and from the first to the last', 8)
  ask('change the other file')
  vim.cmd.edit(t.workspace .. '/other.txt')
  local other = vim.api.nvim_get_current_buf()
  t.eventually('a file that is opened has its signs', function() return vim.deep_equal(marks(other), { '1 ┃ * ^    other' }) end, function() return marks(other) end)
  vim.cmd.buffer(bufnr)
  t.keys('G]h')
  at('behind the last hunk comes the next file', 1, 'other.txt')
  local picked
  vim.ui.select = function(items, options, done)
    picked = vim.tbl_map(options.format_item, items)
    done(items[2], 2)
  end
  vim.cmd('Glossator hunks')
  at(':Glossator hunks goes to the one that is picked', 1)
  t.eventually('of all files', function()
    return picked and #picked == 4 and table.concat(picked, '\n'):find('poem.txt:1  LINE 1  (C1.1, T-1, pending)', 1, true)
  end, function() return picked end)
  vim.cmd.buffer(bufnr)
end

local function keys()
  t.keys('gg\\ar')
  becomes('the key rejects the hunk under the cursor', { 'line 1', 'line 2', 'line 3', 'line 4', 'line 4b', 'line 5', 'line 6', 'line 9' })
  t.keys('5G\\ak')
  marked('the other keeps', { '8 ▁ ^line 7|line 8' })
  t.keys('8G\\ar')
  becomes('removed lines come back', { 'line 1', 'line 2', 'line 3', 'line 4', 'line 4b', 'line 5', 'line 6', 'line 7', 'line 8', 'line 9' })
  marked('no sign is left', {})
  local free, taken = vim.fn.maparg('<Plug>(glossator-fix)', 'n'), vim.fn.maparg(']h', 'n')
  t.check('each has a <Plug> name', free ~= '' and taken == '<Plug>(glossator-next-hunk)', { free, taken })
  t.equal('a key of the user stays', vim.fn.maparg('\\ac', 'n'), ':echo 1<CR>')
  t.equal('and one that begins it is not set', vim.fn.maparg('\\as', 'n'), '')
end

-- A formatter that sends the whole text anew: it indents by one and takes other indentation away.
local function formatted_while_saved()
  local function format()
    local lines = vim.tbl_map(function(line) return ' ' .. vim.trim(line) end, text())
    local range = { start = { line = 0, character = 0 }, ['end'] = { line = #lines, character = 0 } }
    return { { range = range, newText = table.concat(lines, '\n') .. '\n' } }
  end
  local id = t.other_server('formatter', { documentFormattingProvider = true, textDocumentSync = 1 }, { ['textDocument/formatting'] = format }, bufnr)
  vim.api.nvim_create_autocmd('BufWritePre', {
    buffer = bufnr,
    callback = function() vim.lsp.buf.format({ bufnr = bufnr, id = id, timeout_ms = 20000 }) end,
  })
  ask('change it again')
  marked('two hunks wait', { '3 ┃ * ^line 3', '10 ┃ * ^line 9' })
  t.keys(':write<CR>')
  becomes('saving formats all of the file', { ' line 1', ' line 2', ' LINE 3', ' line 4', ' line 4b', ' line 5', ' line 6', ' line 7', ' line 8', ' LINE 9' })
  marked('the hunks stay where they are', { '3 ┃ * ^line 3', '10 ┃ * ^line 9' })
  t.equal('the file is as the formatter wrote it', t.read('poem.txt')[3], ' LINE 3')
  t.keys('3G:Glossator reject<CR>')
  t.eventually('and can be rejected', function() return text()[3] == 'line 3' end, story)
  marked('the other waits on', { '10 ┃ * ^line 9' })
  t.keys(':write<CR>')
  t.eventually('also formatted once more', function() return text()[3] == ' line 3' end, story)
  marked('and as it was', { '10 ┃ * ^line 9' })
  t.keys(':Glossator keep T-3<CR>')
  marked('until it is kept', {})
  t.equal('with what was formatted', text()[10], ' LINE 9')
end

t.main(function()
  local lines = {}
  for row = 1, 9 do lines[row] = 'line ' .. row end
  t.write('poem.txt', lines)
  t.write('other.txt', { '\tother' })
  vim.keymap.set('n', '\\ac', ':echo 1<CR>')
  vim.keymap.set('n', '\\asx', ':echo 2<CR>')
  t.start(replies, { chat = { open_on_ask = false } })
  space = vim.api.nvim_create_namespace('glossator.review')
  bufnr = t.open('poem.txt')
  looks()
  ways()
  keys()
  formatted_while_saved()
end)
