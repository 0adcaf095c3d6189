-- Review in a real Neovim, by keys: hints, hover, keep and reject, the editor's own undo, typing in hunks, the review
-- document, undo and redo of a turn, what a command changed, and a server that was killed.
local t = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/tap.lua')

local function script(code) return '<tool-calls>\n' .. code .. '\n</tool-calls>\n' end

local function patch(...)
  local chunks = vim.iter({ ... }):map(function(lines) return '@@\n' .. table.concat(lines, '\n') .. '\n' end):join('')
  return script(
    'return await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n' .. chunks .. '*** End Patch` });'
  )
end

-- In the order of the turns below.
local replies = {
  patch({ '-line 2', '+LINE 2' }, { '-line 6', '+LINE 6', '+line 6b' }, { ' line 9', '-line 10', ' line 11' }),
  'Said the model.',
  patch({ '-line 1', '+LINE 1' }, { '-line 4', '+LINE 4' }, { '-line 8', '+LINE 8' }),
  'Said the model.',
  patch({ '-line 3', '+LINE 3' }, { '-line 7', '+LINE 7' }),
  'Said the model.',
  script([[return (await tools.exec({ command: ["sed", "-i", "-e", "s/line 5/SED 5/", "-e", "s/line 9/SED 9/", "poem.txt"] })).exitCode;]]),
  'Said the model.',
}

local bufnr, before

-- Keys as a user presses them; what they start is done when this returns, answers of the server are not.
local function keys(text) vim.api.nvim_feedkeys(vim.keycode(text), 'tx', false) end

local function text() return t.lines(bufnr) end

local function hints()
  local found = vim.diagnostic.get(bufnr, { severity = vim.diagnostic.severity.HINT })
  table.sort(found, function(one, other) return one.lnum < other.lnum end)
  return vim.iter(found):map(function(one) return ('%d %s'):format(one.lnum + 1, one.message:gsub('^Glossator ', '')) end):totable()
end

local function story() return { hints = hints(), text = text(), notices = t.notices } end

local function hinted(name, wanted)
  t.eventually(name, function() return vim.deep_equal(hints(), wanted) end, story)
end

local function becomes(name, wanted)
  t.eventually(name, function() return vim.deep_equal(text(), wanted) end, story)
end

local function told(name, pattern)
  t.eventually(name, function() return vim.iter(t.notices):any(function(one) return one:match(pattern) end) end, story)
end

-- `lines` with some of them replaced: `false` takes a line away, a table puts several there.
local function with(lines, changes)
  local made = {}
  for row, line in ipairs(lines) do
    local change = changes[row]
    if change == nil then change = line end
    for _, one in ipairs(type(change) == 'table' and change or { change or nil }) do made[#made + 1] = one end
  end
  return made
end

local turns = 0
local function ask(words)
  turns = turns + 1
  keys(':Glossator ask ' .. words .. '<CR>')
end

-- Asked for once an edit of the turn was seen, so that it runs or has ended.
local function ended()
  t.eventually(('turn %d ends'):format(turns), function() return not require('glossator.session').visible().running end, story)
end

-- Opens the code actions on a line and takes one. The menu lacks it as long as the server does not know the text yet: as a user
-- would, it is opened again.
local function action(row, title)
  local taken, titles, opened = false, {}, 0
  vim.ui.select = function(items, options, done)
    if taken then return done(nil, nil) end
    titles = vim.tbl_map(options.format_item, items)
    for index, item in ipairs(items) do
      if options.format_item(item):find(title, 1, true) == 1 then
        taken = true
        return done(item, index)
      end
    end
    done(nil, nil)
  end
  vim.api.nvim_win_set_cursor(0, { row, 0 })
  t.eventually(('the code actions on line %d have "%s"'):format(row, title), function()
    if not taken and vim.uv.now() - opened > 2000 then
      opened = vim.uv.now()
      vim.lsp.buf.code_action()
    end
    return taken
  end, function() return titles end)
end

local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return table.concat(t.lines(vim.api.nvim_win_get_buf(window)), '\n')
    end
  end
  return ''
end

local function in_the_file()
  ask('change three places')
  local after = with(before, { [2] = 'LINE 2', [6] = { 'LINE 6', 'line 6b' }, [10] = false })
  becomes('three places are changed', after)
  local two, six = '2 changed 1 line (T-1, pending)', '6 changed 2 lines (T-1, pending)'
  local all = { two, six, '11 removed 1 line (T-1, pending)' }
  hinted('each has a hint', all)
  ended()
  t.equal('the file on disk is untouched', t.read('poem.txt')[2], 'line 2')
  t.equal('and the unsaved line as it was typed', text()[#text()], 'line 12, typed')

  vim.api.nvim_win_set_cursor(0, { 7, 0 })
  keys('K')
  t.eventually('hover shows the removed line', function() return floating():find('-line 6', 1, true) end, floating)
  keys('<C-w>wq')
  t.equal('and closes', { floating(), vim.api.nvim_get_current_buf() }, { '', bufnr })

  keys('u')
  hinted("the editor's undo takes the hints along", {})
  t.equal('and the edit, nothing else', text(), before)
  keys('<C-r>')
  hinted('redo brings them back', all)
  t.equal('and the edit', text(), after)

  action(2, 'Reject hunk')
  after[2] = 'line 2'
  becomes('the rejected hunk is put back', after)
  hinted('and its hint goes', { all[2], all[3] })
  keys('u')
  hinted("the editor's undo of that opens it again", all)
  keys('<C-r>')
  hinted('and redo closes it', { all[2], all[3] })
  action(11, 'Keep hunk')
  hinted('a kept hunk has no hint', { six })
  t.equal('and stands', text(), after)

  vim.api.nvim_win_set_cursor(0, { 6, 0 })
  keys('A and more<Esc>')
  hinted('typing in a hunk amends it', { '6 changed 2 lines (T-1, amended)' })
  action(6, 'Reject hunk')
  becomes('rejecting it puts back what was before', with(before, { [10] = false }))
  hinted('nothing waits any more', {})
  before = text()
end

-- The row of the first line of the review document that is exactly this.
local function row_of(document, line)
  local found = 0
  t.eventually(('the review document shows "%s"'):format(line), function()
    found = vim.fn.index(t.lines(document), line) + 1
    return found > 0
  end, function() return t.lines(document) end)
  return found
end

local function in_the_document()
  ask('again')
  becomes('the second turn edits', with(before, { [1] = 'LINE 1', [4] = 'LINE 4', [8] = 'LINE 8' }))
  ended()
  keys(':Glossator review<CR>')
  t.eventually('the review document opens', function() return vim.api.nvim_buf_get_name(0):match('T%-2%.diff$') end, story)
  local document = vim.api.nvim_get_current_buf()
  t.eventually('with the server of the file', function()
    return vim.lsp.buf_is_attached(document, vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' })[1].id)
  end)
  action(row_of(document, '+LINE 1'), 'Keep hunk')
  hinted('a hunk is kept from there', { '4 changed 1 line (T-2, pending)', '8 changed 1 line (T-2, pending)' })
  local rejected = with(before, { [1] = 'LINE 1', [8] = 'LINE 8' })
  action(row_of(document, '+LINE 4'), 'Reject hunk')
  becomes('another rejected', rejected)
  action(row_of(document, '+line 4'), 'Reopen hunk')
  becomes('a decision is taken back', with(rejected, { [4] = 'LINE 4' }))
  action(row_of(document, '+LINE 4'), 'Reject hunk')
  becomes('and made again', rejected)
  t.eventually('the document tells both', function()
    local all = table.concat(t.lines(document), '\n')
    return all:find('kept', 1, true) and all:find('rejected', 1, true)
  end, function() return t.lines(document) end)
  t.check('and holds nothing unsaved', not vim.bo[document].modified)
  vim.api.nvim_win_set_cursor(0, { row_of(document, '+LINE 8'), 0 })
  keys('A, says the user<Esc>')
  action(row_of(document, '+LINE 8, says the user'), 'Apply my edits')
  becomes('an edit of the document goes into the file', with(before, { [1] = 'LINE 1', [8] = 'LINE 8, says the user' }))
  hinted('that decides the hunk', {})
  t.equal('the file on disk is still untouched', t.read('poem.txt')[8], 'line 8')
  vim.api.nvim_win_set_cursor(0, { row_of(document, ' line 7'), 0 })
  action(vim.api.nvim_win_get_cursor(0)[1], 'Go to source')
  t.eventually('and back to the source', function()
    return vim.api.nvim_get_current_buf() == bufnr and vim.api.nvim_win_get_cursor(0)[1] == 7
  end, function() return { vim.api.nvim_buf_get_name(0), vim.api.nvim_win_get_cursor(0) } end)
  before = text()
end

local function undo_and_redo()
  ask('once more')
  local three, seven = '3 changed 1 line (T-3, pending)', '7 changed 1 line (T-3, pending)'
  hinted('the third turn edits', { three, seven })
  ended()
  vim.api.nvim_win_set_cursor(0, { 7, 0 })
  keys('A, amended<Esc>')
  hinted('one hunk is amended', { three, '7 changed 1 line (T-3, amended)' })
  keys(':Glossator undo<CR>')
  local part = with(before, { [7] = 'LINE 7, amended' })
  becomes('undo takes the other back', part)
  told('and tells what it left', 'poem%.txt:7')
  keys(':Glossator redo<CR>')
  becomes('redo makes it again', with(part, { [3] = 'LINE 3' }))
  told('and tells so', 'were made again')
  keys(':Glossator keep all<CR>')
  hinted('keep all keeps the rest', {})
  before = text()
end

local function a_command()
  ask('use sed')
  t.eventually('the command is asked about', function() return require('glossator').statusline():match('1 question') end, story)
  keys(':Glossator approve<CR>')
  becomes('what sed changed is in the buffer, beside the unsaved text', with(before, { [5] = 'SED 5', [9] = 'SED 9' }))
  hinted('as hunks', { '5 changed 1 line (T-4, pending)', '9 changed 1 line (T-4, pending)' })
  ended()
  t.equal('the file on disk is untouched by it', t.read('poem.txt'), t.saved)
  t.check('the buffer is unsaved', vim.bo[bufnr].modified)
end

local function killed()
  vim.uv.kill(t.core(), 'sigkill')
  t.eventually('the server is gone', function() return #vim.lsp.get_clients({ name = 'glossator' }) == 0 end)
  told('and that is told', 'the server ended')
  keys('ggOtyped meanwhile<Esc>')
  before = with(before, { { 'typed meanwhile', before[1] } })
  vim.api.nvim_win_set_cursor(0, { 7, 0 })
  keys(':Glossator next<CR>')
  t.eventually('a new server knows the next hunk', function() return vim.api.nvim_win_get_cursor(0)[1] == 10 end, story)
  hinted('and the hints are back', { '6 changed 1 line (T-4, pending)', '10 changed 1 line (T-4, pending)' })
  keys(':Glossator reject<CR>')
  becomes('the one under the cursor is rejected', with(before, { [6] = 'SED 5' }))
  keys('3GA too<Esc>')
  before[3] = before[3] .. ' too'
  keys(':Glossator undo<CR>')
  becomes('the rest is taken back with the turn', before)
  t.equal('all the time nothing was saved', t.read('poem.txt'), t.saved)
end

t.main(function()
  t.saved = {}
  for row = 1, 12 do t.saved[row] = 'line ' .. row end
  t.write('poem.txt', t.saved)
  t.start(replies, { chat = { open_on_ask = false } })
  vim.ui.select = function() end
  bufnr = t.open('poem.txt')
  keys('GA, typed<Esc>')
  before = text()
  in_the_file()
  in_the_document()
  undo_and_redo()
  a_command()
  killed()
end)
